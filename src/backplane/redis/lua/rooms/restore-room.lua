-- Restores members of the requester that Redis has lost, and the room itself if that is lost, too.
-- Keys:      roomKey, those of lib/room-changes
-- Arguments: requester, operation, room, head, isGroup (1 or 0), since, version, creator, attributes (JSON, or ''),
--            isPermanent (1 or 0), then for each member: client, sequence, joinedAt, attributes (JSON, or '')
-- Returns:   {'OK'}, {'UNAVAILABLE'}

if not canPublish() then return { 'UNAVAILABLE' } end
local room, head, isGroup, since, version = nextArgument(), nextArgument(), nextArgument(), nextArgument(), nextArgument()
local creator, roomAttributes, isPermanent = nextArgument(), nextArgument(), nextArgument()
local batch = {}

local function recreateRoom()
  -- Replicas do not say which address a room was created from, so that it is counted for none.
  createRoom(room, isGroup, head, since, '')
  redis.call('HSET', roomKey(room), 'version', version, 'rebuilt', 1)
  if creator ~= '' then redis.call('HSET', roomKey(room), 'creator', creator) end
  if roomAttributes ~= '' then redis.call('HSET', roomKey(room), 'attributes', roomAttributes) end
  if isPermanent == '1' then redis.call('HSET', roomKey(room), 'permanent', 1) end
end

while hasMoreArguments() do
  local client, sequence, joinedAt, attributes = nextArgument(), nextArgument(), nextArgument(), nextArgument()
  if not exists(room) or not memberOf(room, client) then
    local change = newChange('restored', room)
    if not exists(room) then recreateRoom() end
    local member = newMember(room, requester, joinedAt, attributes)
    if redis.call('HGET', roomKey(room), 'rebuilt') then
      -- Every node restores its members, each in its former place. In a room that was not lost, members that have joined
      -- meanwhile come first instead.
      if tonumber(member.sequence) < tonumber(sequence) then redis.call('HSET', roomKey(room), 'joined', sequence) end
      member.sequence = sequence
    end
    batch[#batch + 1] = completeWithMember(change, client, member)
  end
end
return publish({ batch })
