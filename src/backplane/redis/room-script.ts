// Below the base of the rooms:
//   room:NAME    hash: head (realm, id and name as JSON members), since, version, creator, attributes, permanent, joined (a
//                counter), rebuilt (after Redis has lost it), address (the group that it was made from, if it counts for one)
//   members:NAME hash: id -> "SEQUENCE NODE JOINED_AT ATTRIBUTES"     nodes:NAME hash: node -> number of its members
//   order        sorted set: names by when the rooms were made        groups     set: names of those of groups
//   realms       hash: realm -> number of its rooms                   seq        the highest score in `order`
//   addresses    hash: address group -> number of the rooms that were made from it
//   of:NODE      set: names of rooms with ids of the node's members   to:NODE    stream: the changes that the node is to hear of
//
// A change goes to the stream of every node that has members in the room, and to the one that makes it: there with the
// number of the operation, and with the whole room if that node had no members in it and so does not know it.

/**
 * One operation on rooms. Arguments: the operation, the node that asks for it, its number, then what the operation needs.
 * Answers `OK`, or the code of a refusal and what it is about. All texts of clients are JSON.
 */
export const ROOMS = `
local base = KEYS[1]
local op, me, number = ARGV[1], ARGV[2], ARGV[3]
local at = 3
local function argument()
  at = at + 1
  return ARGV[at]
end
local function count() return tonumber(argument()) end

local function roomKey(name) return base .. 'room:' .. name end
local function membersKey(name) return base .. 'members:' .. name end
local function nodesKey(name) return base .. 'nodes:' .. name end
local function ofKey(node) return base .. 'of:' .. node end
local function streamOf(node) return base .. 'to:' .. node end
local order, groups, realms, seq = base .. 'order', base .. 'groups', base .. 'realms', base .. 'seq'
local addresses = base .. 'addresses'

local function exists(name) return redis.call('EXISTS', roomKey(name)) == 1 end
local function knows(node, name) return redis.call('HEXISTS', nodesKey(name), node) == 1 end
local function realmOf(name) return string.match(name, '^[^\\n]*') end
local function size(name) return redis.call('HLEN', membersKey(name)) end
local function bump(name) return redis.call('HINCRBY', roomKey(name), 'version', 1) end

local function memberOf(name, id)
  local value = redis.call('HGET', membersKey(name), id)
  if not value then return nil end
  local sequence, node, joinedAt, attributes = string.match(value, '^(%d+) (%S+) (%d+) (.*)$')
  return { sequence = sequence, node = node, joinedAt = joinedAt, attributes = attributes }
end

local function textOf(id, member)
  local attributes = member.attributes == '' and 'null' or member.attributes
  return '[' .. member.sequence .. ',' .. id .. ',"' .. member.node .. '",' .. member.joinedAt .. ',' .. attributes .. ']'
end

local function dump(name)
  local values = redis.call('HMGET', roomKey(name), 'head', 'since', 'version', 'creator', 'attributes', 'permanent')
  local members = {}
  for _, id in ipairs(redis.call('HKEYS', membersKey(name))) do members[#members + 1] = textOf(id, memberOf(name, id)) end
  return '{' .. values[1] .. ',"since":' .. values[2] .. ',"version":' .. values[3] ..
    (values[4] and ',"creator":' .. values[4] or '') ..
    (values[5] and ',"attributes":' .. values[5] or '') ..
    (values[6] and ',"isPermanent":true' or '') ..
    ',"members":[' .. table.concat(members, ',') .. ']}'
end

-- What changes, and whom it concerns. Made before the change: 'known' is whether the node that asks knows the room.
local function change(kind, name)
  return { kind = kind, name = name, known = me == '' or knows(me, name), nodes = {}, text = '' }
end

local function concern(it)
  for _, node in ipairs(redis.call('HKEYS', nodesKey(it.name))) do it.nodes[node] = true end
end

-- Made after the change, while the room still exists.
local function complete(it, text)
  concern(it)
  local name = string.gsub(it.name, '\\n', ',')
  it.text = '{"kind":"' .. it.kind .. '","name":[' .. name .. '],"version":' ..
    redis.call('HGET', roomKey(it.name), 'version') .. text
  if not it.known then it.state = dump(it.name) end
  return it
end

-- Tells of batches of changes that belong together.
local function tell(batches)
  local nodes = { [me] = true }
  for _, batch in ipairs(batches) do
    for _, it in ipairs(batch) do for node in pairs(it.nodes) do nodes[node] = true end end
  end
  for node in pairs(nodes) do
    local texts = {}
    for _, batch in ipairs(batches) do
      local parts = {}
      for _, it in ipairs(batch) do
        if node == me and it.state then parts[#parts + 1] = it.text .. ',"state":' .. it.state .. '}'
        elseif node == me or it.nodes[node] then parts[#parts + 1] = it.text .. '}' end
      end
      if #parts > 0 then texts[#texts + 1] = '[' .. table.concat(parts, ',') .. ']' end
    end
    local fields = { 'e', '[' .. table.concat(texts, ',') .. ']' }
    if node == me and number ~= '' then
      fields[3] = 'o'
      fields[4] = number
    end
    redis.call('XADD', streamOf(node), 'NOMKSTREAM', '*', unpack(fields))
  end
  return { 'OK' }
end

local function make(name, isGroup, head, since, address)
  redis.call('HSET', roomKey(name), 'head', head, 'since', since, 'version', 0)
  if address ~= '' then
    redis.call('HSET', roomKey(name), 'address', address)
    redis.call('HINCRBY', addresses, address, 1)
  end
  if isGroup == '1' then
    redis.call('SADD', groups, name)
  else
    redis.call('ZADD', order, redis.call('INCR', seq), name)
    redis.call('HINCRBY', realms, realmOf(name), 1)
  end
end

local function put(name, id, member)
  if redis.call('HSET', membersKey(name), id, member.sequence .. ' ' .. member.node .. ' ' .. member.joinedAt .. ' ' ..
    member.attributes) == 1 then
    redis.call('HINCRBY', nodesKey(name), member.node, 1)
    redis.call('SADD', ofKey(member.node), name .. '\\n' .. id)
  end
end

-- Puts a member into a room, or in the place of what it was there, and completes what is told of it.
local function settle(it, id, member)
  put(it.name, id, member)
  bump(it.name)
  return complete(it, ',"client":' .. id .. ',"member":' .. textOf(id, member))
end

local function newMember(name, node, joinedAt, attributes)
  local sequence = redis.call('HINCRBY', roomKey(name), 'joined', 1)
  return { sequence = sequence, node = node, joinedAt = joinedAt, attributes = attributes }
end

local function unplace(name, id, node)
  if redis.call('HINCRBY', nodesKey(name), node, -1) == 0 then redis.call('HDEL', nodesKey(name), node) end
  redis.call('SREM', ofKey(node), name .. '\\n' .. id)
end

local function remove(name)
  for _, id in ipairs(redis.call('HKEYS', membersKey(name))) do unplace(name, id, memberOf(name, id).node) end
  local address = redis.call('HGET', roomKey(name), 'address')
  if address and redis.call('HINCRBY', addresses, address, -1) == 0 then redis.call('HDEL', addresses, address) end
  redis.call('DEL', roomKey(name), membersKey(name), nodesKey(name))
  redis.call('SREM', groups, name)
  if redis.call('ZREM', order, name) == 1 and redis.call('HINCRBY', realms, realmOf(name), -1) == 0 then
    redis.call('HDEL', realms, realmOf(name))
  end
  if redis.call('EXISTS', order) == 0 then redis.call('DEL', seq) end
end

local function takeOut(name, id, member)
  local it = change('left', name)
  it.nodes[member.node] = true
  redis.call('HDEL', membersKey(name), id)
  unplace(name, id, member.node)
  if redis.call('HGET', roomKey(name), 'creator') == id then redis.call('HDEL', roomKey(name), 'creator') end
  bump(name)
  complete(it, ',"client":' .. id)
  if size(name) == 0 and not redis.call('HGET', roomKey(name), 'permanent') then remove(name) end
  return it
end

-- Reads how many rooms there may be, the address group that they are made from (or ''), and how many of its there may be.
local function bounds()
  return { maxRooms = count(), address = argument(), maxOfAddress = count() }
end

-- The refusal of so many more rooms, or nil.
local function refusal(more, allowed)
  if more == 0 then return nil end
  if redis.call('ZCARD', order) + redis.call('SCARD', groups) + more > allowed.maxRooms then
    return { 'ROOMS_LIMIT', allowed.maxRooms }
  end
  local made = tonumber(redis.call('HGET', addresses, allowed.address) or '0')
  if allowed.address ~= '' and made + more > allowed.maxOfAddress then return { 'ADDRESS_LIMIT', allowed.maxOfAddress } end
  return nil
end

local operations = {}

function operations.create()
  local name, head, since, allowed, id = argument(), argument(), argument(), bounds(), argument()
  if exists(name) then return { 'ROOM_EXISTS', name } end
  local refused = refusal(1, allowed)
  if refused then return refused end
  local it = change('created', name)
  make(name, '0', head, since, allowed.address)
  bump(name)
  if not id then
    redis.call('HSET', roomKey(name), 'permanent', 1)
    return tell({ { complete(it, '') } })
  end
  redis.call('HSET', roomKey(name), 'creator', id)
  put(name, id, newMember(name, me, since, ''))
  return tell({ { complete(it, ',"client":' .. id) } })
end

function operations.join()
  local name, id, joinedAt, attributes, maxMembers = argument(), argument(), argument(), argument(), count()
  if not exists(name) then return { 'ROOM_NOT_FOUND', name } end
  if memberOf(name, id) then return { 'ALREADY_IN_ROOM', name } end
  if size(name) >= maxMembers then return { 'MEMBERS_LIMIT', maxMembers } end
  local it = change('joined', name)
  return tell({ { settle(it, id, newMember(name, me, joinedAt, attributes)) } })
end

function operations.enter()
  local id, joinedAt, allowed, entries, missing = argument(), argument(), bounds(), {}, 0
  while at < #ARGV do
    local entry = { name = argument(), head = argument(), isGroup = argument(), mayCreate = argument(),
      maxMembers = count(), attributes = argument() }
    entries[#entries + 1] = entry
    if not exists(entry.name) then
      if entry.mayCreate == '0' then return { 'ROOM_NOT_FOUND', entry.name } end
      missing = missing + 1
    elseif not memberOf(entry.name, id) and size(entry.name) >= entry.maxMembers then
      return { 'MEMBERS_LIMIT', entry.maxMembers }
    end
  end
  local refused = refusal(missing, allowed)
  if refused then return refused end
  local batches = {}
  for _, entry in ipairs(entries) do
    local name = entry.name
    local member = memberOf(name, id)
    local it = change(member and 'updated' or 'joined', name)
    if not exists(name) then make(name, entry.isGroup, entry.head, joinedAt, allowed.address) end
    member = member or newMember(name, me, joinedAt, '')
    member.attributes = entry.attributes
    batches[#batches + 1] = { settle(it, id, member) }
  end
  return tell(batches)
end

function operations.setMemberAttributes()
  local id, batch = argument(), {}
  while at < #ARGV do
    local name, attributes = argument(), argument()
    local member = memberOf(name, id)
    if member then
      local it = change('updated', name)
      member.attributes = attributes
      batch[#batch + 1] = settle(it, id, member)
    end
  end
  return tell({ batch })
end

function operations.setAttributes()
  local name, attributes = argument(), argument()
  if not exists(name) then return { 'ROOM_NOT_FOUND', name } end
  local it = change('updated', name)
  redis.call('HSET', roomKey(name), 'attributes', attributes)
  bump(name)
  return tell({ { complete(it, ',"attributes":' .. attributes) } })
end

function operations.leave()
  local name, id = argument(), argument()
  if not exists(name) then return { 'ROOM_NOT_FOUND', name } end
  local member = memberOf(name, id)
  if not member then return { 'NOT_IN_ROOM', name } end
  return tell({ { takeOut(name, id, member) } })
end

-- 'end' is a word of Lua.
operations['end'] = function()
  local name, by = argument(), argument()
  if not exists(name) then return { 'ROOM_NOT_FOUND', name } end
  if by and redis.call('HGET', roomKey(name), 'creator') ~= by then return { 'NOT_ROOM_CREATOR', name } end
  local it = change('ended', name)
  bump(name)
  complete(it, '')
  remove(name)
  return tell({ { it } })
end

function operations.move()
  local id, batch = argument(), {}
  while at < #ARGV do
    local name = argument()
    local member = memberOf(name, id)
    if member then
      local it = change('moved', name)
      it.nodes[member.node] = true
      unplace(name, id, member.node)
      redis.call('HDEL', membersKey(name), id)
      member.node = me
      batch[#batch + 1] = settle(it, id, member)
    end
  end
  return tell({ batch })
end

-- Puts members of the node that asks back into a room, and the room itself.
function operations.restore()
  local name, head, isGroup, since, version = argument(), argument(), argument(), argument(), argument()
  local creator, attributes, isPermanent = argument(), argument(), argument()
  local batch = {}
  while at < #ARGV do
    local id, sequence, joinedAt, itsAttributes = argument(), argument(), argument(), argument()
    if not exists(name) or not memberOf(name, id) then
      local it = change('restored', name)
      if not exists(name) then
        -- Nodes do not know which address a room was made from: it counts for none.
        make(name, isGroup, head, since, '')
        redis.call('HSET', roomKey(name), 'version', version, 'rebuilt', 1)
        if creator ~= '' then redis.call('HSET', roomKey(name), 'creator', creator) end
        if attributes ~= '' then redis.call('HSET', roomKey(name), 'attributes', attributes) end
        if isPermanent == '1' then redis.call('HSET', roomKey(name), 'permanent', 1) end
      end
      local member = newMember(name, me, joinedAt, itsAttributes)
      if redis.call('HGET', roomKey(name), 'rebuilt') then
        -- All put theirs back, each where it was. In a room that has lived on they come after those who have joined meanwhile.
        if tonumber(member.sequence) < tonumber(sequence) then redis.call('HSET', roomKey(name), 'joined', sequence) end
        member.sequence = sequence
      end
      batch[#batch + 1] = settle(it, id, member)
    end
  end
  return tell({ batch })
end

-- Tells the node that asks how a room is.
function operations.look()
  local name = argument()
  local it = { kind = 'seen', name = name, nodes = {} }
  if exists(name) then
    complete(it, '')
    it.nodes = {}
  else
    it.text = '{"kind":"ended","name":[' .. string.gsub(name, '\\n', ',') .. '],"version":0'
  end
  return tell({ { it } })
end

-- Whoever is to hear of changes needs a stream.
local function hasStream() return redis.call('EXISTS', streamOf(me)) == 1 end

if op == 'open' then
  return redis.call('XADD', streamOf(me), '*', 'e', '[]')
elseif op == 'find' then
  local states = {}
  for i = 4, #ARGV do
    local name = ARGV[i]
    states[#states + 1] = exists(name) and dump(name) or ''
  end
  return states
elseif op == 'existing' then
  local exist = {}
  for i = 4, #ARGV do exist[#exist + 1] = exists(ARGV[i]) and 1 or 0 end
  return exist
elseif op == 'reap' then
  -- Takes members of a dead node out of their rooms; its own stream is of no use any more.
  local dead, limit = argument(), argument()
  redis.call('DEL', streamOf(dead))
  local entries = redis.call('SPOP', ofKey(dead), limit)
  for _, entry in ipairs(entries) do
    local name, id = string.match(entry, '^(.*)\\n([^\\n]*)$')
    local member = exists(name) and memberOf(name, id)
    if member and member.node == dead then
      local it = takeOut(name, id, member)
      tell({ { it } })
    end
  end
  return #entries
elseif op == 'clear' then
  -- Nobody is left: rooms that are permanent are so no longer.
  for _, name in ipairs(redis.call('ZRANGE', order, 0, argument())) do remove(name) end
  return redis.call('ZCARD', order)
elseif not hasStream() then
  return { 'UNAVAILABLE' }
end
return operations[op]()
`;
