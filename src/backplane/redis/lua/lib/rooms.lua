-- Library: rooms and their members as they are stored. A room, and a client, is called by its name in JSON (`qualified`).
-- Keys: roomKey, membersKey

local function exists(room) return redis.call('EXISTS', roomKey(room)) == 1 end
local function size(room) return redis.call('HLEN', membersKey(room)) end
local function realmOf(room) return string.match(room, '^[^\n]*') end

-- Returns a member of a room, or nil. Attributes are JSON, or '' if there are none.
local function memberOf(room, client)
  local value = redis.call('HGET', membersKey(room), client)
  if not value then return nil end
  local sequence, node, joinedAt, attributes = string.match(value, '^(%d+) (%S+) (%d+) (.*)$')
  return { sequence = sequence, node = node, joinedAt = joinedAt, attributes = attributes }
end

-- Returns a member as JSON: the `MemberTuple` of room-replicas.ts.
local function memberJson(client, member)
  local attributes = member.attributes == '' and 'null' or member.attributes
  return '[' .. member.sequence .. ',' .. client .. ',"' .. member.node .. '",' .. member.joinedAt .. ',' .. attributes .. ']'
end

-- Returns a room with all its members as JSON: the `RoomState` of room-replicas.ts.
local function roomJson(room)
  local fields = redis.call('HMGET', roomKey(room), 'head', 'since', 'version', 'creator', 'attributes', 'permanent')
  local members = {}
  for _, client in ipairs(redis.call('HKEYS', membersKey(room))) do
    members[#members + 1] = memberJson(client, memberOf(room, client))
  end
  return '{' .. fields[1] .. ',"since":' .. fields[2] .. ',"version":' .. fields[3] ..
    (fields[4] and ',"creator":' .. fields[4] or '') ..
    (fields[5] and ',"attributes":' .. fields[5] or '') ..
    (fields[6] and ',"isPermanent":true' or '') ..
    ',"members":[' .. table.concat(members, ',') .. ']}'
end
