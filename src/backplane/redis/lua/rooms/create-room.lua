-- Creates a room with its creator as the first member, or a permanent room without one.
-- Keys:      roomKey, those of lib/room-changes and lib/room-bounds
-- Arguments: requester, operation, room, head, since, maxRooms, maxOfRealm, address, maxOfAddress, [creator]
-- Returns:   {'OK'}, {'ROOM_EXISTS', room}, {'ROOMS_LIMIT', limit}, {'REALM_LIMIT', limit},
--            {'ADDRESS_LIMIT', limit}, {'UNAVAILABLE'}

if not canPublish() then return { 'UNAVAILABLE' } end
local room, head, since, bounds, creator = nextArgument(), nextArgument(), nextArgument(), nextBounds(), nextArgument()
if exists(room) then return { 'ROOM_EXISTS', room } end
local refusal = refusalOf(1, 0, realmOf(room), bounds)
if refusal then return refusal end
local change = newChange('created', room)
createRoom(room, '0', head, since, bounds.address)
raiseVersion(room)
if not creator then
  redis.call('HSET', roomKey(room), 'permanent', 1)
  return publish({ { completeChange(change, '') } })
end
redis.call('HSET', roomKey(room), 'creator', creator)
storeMember(room, creator, newMember(room, requester, since, ''))
return publish({ { completeChange(change, ',"client":' .. creator) } })
