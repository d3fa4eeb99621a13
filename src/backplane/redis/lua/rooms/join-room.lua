-- Adds a client to a room.
-- Keys:      those of lib/room-changes
-- Arguments: requester, operation, room, client, joinedAt, attributes (JSON, or ''), maxMembers
-- Returns:   {'OK'}, {'ROOM_NOT_FOUND', room}, {'ALREADY_IN_ROOM', room}, {'MEMBERS_LIMIT', limit}, {'UNAVAILABLE'}

if not canPublish() then return { 'UNAVAILABLE' } end
local room, client, joinedAt, attributes, maxMembers =
  nextArgument(), nextArgument(), nextArgument(), nextArgument(), nextNumber()
if not exists(room) then return { 'ROOM_NOT_FOUND', room } end
if memberOf(room, client) then return { 'ALREADY_IN_ROOM', room } end
if size(room) >= maxMembers then return { 'MEMBERS_LIMIT', maxMembers } end
local change = newChange('joined', room)
return publish({ { completeWithMember(change, client, newMember(room, requester, joinedAt, attributes)) } })
