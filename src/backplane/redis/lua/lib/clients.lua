-- Library: ids in one bucket of the client directory. Needs lib/clock.
-- Keys:      clientsKey, tokensKey, orderKey, lastScoreKey, realmsKey, clientsOfKey, formerKey, formerUntilKey
-- Constants: FORMER_ID_MS, MAX_FORMER_IDS

local function realmOf(client) return string.match(client, '^[^\n]*') end

-- Returns session, node, protocol and entry of the client that has an id, or nil.
local function ownerOf(client)
  local value = redis.call('HGET', clientsKey, client)
  if not value then return nil end
  return string.match(value, '^(%d+) (%S+) (%S+) (.*)$')
end

-- Returns whether a freed id is still reserved for another protocol.
local function isReservedFrom(protocol, client)
  local owner = redis.call('HGET', formerKey, client)
  return owner and owner ~= protocol and nowMs < tonumber(redis.call('ZSCORE', formerUntilKey, client) or '0')
end

local function forgetFormer(client)
  redis.call('HDEL', formerKey, client)
  redis.call('ZREM', formerUntilKey, client)
end

-- Reserves a freed id for its protocol. Each reservation removes at most two expired ones, which bounds the cost of a call
-- and still shrinks the set; the keys themselves expire with the last reservation.
local function reserve(client, protocol)
  redis.call('HSET', formerKey, client, protocol)
  redis.call('ZADD', formerUntilKey, integer(nowMs + FORMER_ID_MS), client)
  for _, expired in ipairs(redis.call('ZRANGEBYSCORE', formerUntilKey, '-inf', integer(nowMs), 'LIMIT', 0, 2)) do
    forgetFormer(expired)
  end
  if redis.call('ZCARD', formerUntilKey) > MAX_FORMER_IDS then
    forgetFormer(redis.call('ZRANGE', formerUntilKey, 0, 0)[1])
  end
  redis.call('PEXPIRE', formerKey, FORMER_ID_MS)
  redis.call('PEXPIRE', formerUntilKey, FORMER_ID_MS)
end

-- Frees the id of a client of a node.
local function release(client, node, protocol)
  if redis.call('HEXISTS', tokensKey, client) == 0 then reserve(client, protocol) end
  redis.call('HDEL', clientsKey, client)
  redis.call('HDEL', tokensKey, client)
  redis.call('ZREM', orderKey, client)
  redis.call('SREM', clientsOfKey(node), client)
  local realm = realmOf(client)
  if redis.call('HINCRBY', realmsKey, realm, -1) == 0 then redis.call('HDEL', realmsKey, realm) end
  if redis.call('EXISTS', clientsKey) == 0 then redis.call('DEL', lastScoreKey) end
end
