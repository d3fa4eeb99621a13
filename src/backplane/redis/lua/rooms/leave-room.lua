-- Removes a client from a room.
-- Keys:      those of lib/room-changes
-- Arguments: requester, operation, room, client
-- Returns:   {'OK'}, {'ROOM_NOT_FOUND', room}, {'NOT_IN_ROOM', room}, {'UNAVAILABLE'}

if not canPublish() then return { 'UNAVAILABLE' } end
local room, client = nextArgument(), nextArgument()
if not exists(room) then return { 'ROOM_NOT_FOUND', room } end
local member = memberOf(room, client)
if not member then return { 'NOT_IN_ROOM', room } end
return publish({ { removeMember(room, client, member) } })
