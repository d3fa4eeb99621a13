-- Sets what a room shows of itself.
-- Keys:      roomKey, those of lib/room-changes
-- Arguments: requester, operation, room, attributes (JSON)
-- Returns:   {'OK'}, {'ROOM_NOT_FOUND', room}, {'UNAVAILABLE'}

if not canPublish() then return { 'UNAVAILABLE' } end
local room, attributes = nextArgument(), nextArgument()
if not exists(room) then return { 'ROOM_NOT_FOUND', room } end
local change = newChange('updated', room)
redis.call('HSET', roomKey(room), 'attributes', attributes)
raiseVersion(room)
return publish({ { completeChange(change, ',"attributes":' .. attributes) } })
