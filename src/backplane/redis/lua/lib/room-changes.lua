-- Library: changes of rooms, and their publication in the streams of the nodes that they concern. Needs lib/rooms.
-- A change concerns every node that has members in the room, before it or after it, and the node that asked for it: that node
-- also gets the number of its operation, and the whole room if it had no members there and so has no replica of it.
-- Keys:      roomKey, membersKey, memberCountsKey, membersOfKey, changesKey, orderKey, lastScoreKey, groupsKey, realmsKey, addressesKey
-- Arguments: requester, operation (node that asks, and the number of its operation; both '' if no node waits for the outcome)

local requester, operation = ARGV[1], ARGV[2]
local position = 2

-- Returns the next argument behind the first two, or nil.
local function nextArgument()
  position = position + 1
  return ARGV[position]
end
local function nextNumber() return tonumber(nextArgument()) end
local function hasMoreArguments() return position < #ARGV end

-- Returns whether the requester can learn of changes. It has no stream if Redis lost it, or if it was declared dead.
local function canPublish() return redis.call('EXISTS', changesKey(requester)) == 1 end

local function raiseVersion(room) return redis.call('HINCRBY', roomKey(room), 'version', 1) end

-- Starts a change. To be called before anything is changed.
local function newChange(kind, room)
  local hasReplica = requester == '' or redis.call('HEXISTS', memberCountsKey(room), requester) == 1
  return { kind = kind, room = room, hasReplica = hasReplica, nodes = {} }
end

-- Completes a change. To be called once all is changed, while the room still exists.
-- `members` are further members of its JSON, each with a comma before it.
local function completeChange(change, members)
  local room = change.room
  for _, node in ipairs(redis.call('HKEYS', memberCountsKey(room))) do change.nodes[node] = true end
  change.json = '{"kind":"' .. change.kind .. '","name":[' .. string.gsub(room, '\n', ',') .. '],"version":' ..
    redis.call('HGET', roomKey(room), 'version') .. members
  if not change.hasReplica then change.state = roomJson(room) end
  return change
end

-- Returns the changes of a batch that concern a node as a JSON array, or nil.
local function batchJson(batch, node)
  local changes = {}
  for _, change in ipairs(batch) do
    if node == requester and change.state then changes[#changes + 1] = change.json .. ',"state":' .. change.state .. '}'
    elseif node == requester or change.nodes[node] then changes[#changes + 1] = change.json .. '}' end
  end
  return #changes > 0 and '[' .. table.concat(changes, ',') .. ']' or nil
end

-- Publishes batches of changes to all nodes concerned; the changes of one batch are announced together.
local function publish(batches)
  local nodes = {}
  if requester ~= '' then nodes[requester] = true end
  for _, batch in ipairs(batches) do
    for _, change in ipairs(batch) do for node in pairs(change.nodes) do nodes[node] = true end end
  end
  for node in pairs(nodes) do
    local texts = {}
    for _, batch in ipairs(batches) do texts[#texts + 1] = batchJson(batch, node) end
    local fields = { 'e', '[' .. table.concat(texts, ',') .. ']' }
    if node == requester and operation ~= '' then
      fields[3] = 'o'
      fields[4] = operation
    end
    redis.call('XADD', changesKey(node), 'NOMKSTREAM', '*', unpack(fields))
  end
  return { 'OK' }
end

-- Stores a new room. `head` is its realm, id and name as members of a JSON object.
local function createRoom(room, isGroup, head, since, address)
  redis.call('HSET', roomKey(room), 'head', head, 'since', since, 'version', 0)
  if address ~= '' then
    redis.call('HSET', roomKey(room), 'address', address)
    redis.call('HINCRBY', addressesKey, address, 1)
  end
  if isGroup == '1' then
    redis.call('SADD', groupsKey, room)
  else
    redis.call('ZADD', orderKey, redis.call('INCR', lastScoreKey), room)
    redis.call('HINCRBY', realmsKey, realmOf(room), 1)
  end
end

local function newMember(room, node, joinedAt, attributes)
  local sequence = redis.call('HINCRBY', roomKey(room), 'joined', 1)
  return { sequence = sequence, node = node, joinedAt = joinedAt, attributes = attributes }
end

local function storeMember(room, client, member)
  local value = member.sequence .. ' ' .. member.node .. ' ' .. member.joinedAt .. ' ' .. member.attributes
  if redis.call('HSET', membersKey(room), client, value) == 1 then
    redis.call('HINCRBY', memberCountsKey(room), member.node, 1)
    redis.call('SADD', membersOfKey(member.node), room .. '\n' .. client)
  end
end

-- Stores a new or changed member, and completes the change.
local function completeWithMember(change, client, member)
  storeMember(change.room, client, member)
  raiseVersion(change.room)
  return completeChange(change, ',"client":' .. client .. ',"member":' .. memberJson(client, member))
end

-- Removes a member from the index of its node.
local function unlinkMember(room, client, node)
  if redis.call('HINCRBY', memberCountsKey(room), node, -1) == 0 then redis.call('HDEL', memberCountsKey(room), node) end
  redis.call('SREM', membersOfKey(node), room .. '\n' .. client)
end

local function deleteRoom(room)
  for _, client in ipairs(redis.call('HKEYS', membersKey(room))) do unlinkMember(room, client, memberOf(room, client).node) end
  local address = redis.call('HGET', roomKey(room), 'address')
  if address and redis.call('HINCRBY', addressesKey, address, -1) == 0 then redis.call('HDEL', addressesKey, address) end
  redis.call('DEL', roomKey(room), membersKey(room), memberCountsKey(room))
  redis.call('SREM', groupsKey, room)
  if redis.call('ZREM', orderKey, room) == 1 and redis.call('HINCRBY', realmsKey, realmOf(room), -1) == 0 then
    redis.call('HDEL', realmsKey, realmOf(room))
  end
  if redis.call('EXISTS', orderKey) == 0 then redis.call('DEL', lastScoreKey) end
end

-- Removes a member, and the room with its last member unless it is permanent. Returns the completed change.
local function removeMember(room, client, member)
  local change = newChange('left', room)
  change.nodes[member.node] = true
  redis.call('HDEL', membersKey(room), client)
  unlinkMember(room, client, member.node)
  if redis.call('HGET', roomKey(room), 'creator') == client then redis.call('HDEL', roomKey(room), 'creator') end
  raiseVersion(room)
  completeChange(change, ',"client":' .. client)
  if size(room) == 0 and not redis.call('HGET', roomKey(room), 'permanent') then deleteRoom(room) end
  return change
end
