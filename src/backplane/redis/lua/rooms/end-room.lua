-- Ends a room: removes all its members and the room itself.
-- Keys:      roomKey, those of lib/room-changes
-- Arguments: requester, operation, room, [client] (which must be the creator)
-- Returns:   {'OK'}, {'ROOM_NOT_FOUND', room}, {'NOT_ROOM_CREATOR', room}, {'UNAVAILABLE'}

if not canPublish() then return { 'UNAVAILABLE' } end
local room, client = nextArgument(), nextArgument()
if not exists(room) then return { 'ROOM_NOT_FOUND', room } end
if client and redis.call('HGET', roomKey(room), 'creator') ~= client then return { 'NOT_ROOM_CREATOR', room } end
local change = newChange('ended', room)
raiseVersion(room)
completeChange(change, '')
deleteRoom(room)
return publish({ { change } })
