import { BUCKETS } from './keys.js';

// Below the base of a part of the directory:
//   clients  hash: name -> "SESSION NODE ENTRY"      tokens  hash: name -> token
//   order    sorted set: names by when they came     last    the highest score in it
//   realms   hash: realm -> number of its clients    of:NODE set: names of the node's clients

/** Seconds from 1970 to November 2023. */
const EPOCH_S = 1_700_000_000;

const COMMON = `
local base = KEYS[1]
local clients, tokens, order, realms = base .. 'clients', base .. 'tokens', base .. 'order', base .. 'realms'

local function ownerOf(name)
  local value = redis.call('HGET', clients, name)
  if not value then return nil end
  local session, node, entry = string.match(value, '^(%d+) (%S+) (.*)$')
  return session, node, entry
end

local function forget(name, node)
  redis.call('HDEL', clients, name)
  redis.call('HDEL', tokens, name)
  redis.call('ZREM', order, name)
  redis.call('SREM', base .. 'of:' .. node, name)
  local realm = string.match(name, '^[^\\n]*')
  if redis.call('HINCRBY', realms, realm, -1) == 0 then redis.call('HDEL', realms, realm) end
  if redis.call('EXISTS', clients) == 0 then redis.call('DEL', base .. 'last') end
end
`;

/**
 * Takes an id. Arguments: name, node, session, entry, number of the bucket, `claim` or `restore`, token (absent: none).
 * Answers `claimed`, `taken`, `own` (already the same session's), or the entry that was replaced.
 */
export const CLAIM = `${COMMON}
local name, node, session, entry, bucket, mode, token = unpack(ARGV)
local itsSession, itsNode, itsEntry = ownerOf(name)
if itsSession then
  if mode == 'restore' then
    if itsNode == node and itsSession == session then return 'own' end
    return 'taken'
  end
  if not token or redis.call('HGET', tokens, name) ~= token then return 'taken' end
  redis.call('SREM', base .. 'of:' .. itsNode, name)
else
  redis.call('HINCRBY', realms, string.match(name, '^[^\\n]*'), 1)
end
redis.call('HSET', clients, name, session .. ' ' .. node .. ' ' .. entry)
if token then redis.call('HSET', tokens, name, token) else redis.call('HDEL', tokens, name) end
-- Microseconds since ${EPOCH_S}, then the bucket: no two scores of all buckets are the same, and a double holds them until 2058.
local now = redis.call('TIME')
local score = ((now[1] - ${EPOCH_S}) * 1000000 + now[2]) * ${BUCKETS} + bucket
local last = tonumber(redis.call('GET', base .. 'last') or '0')
if score <= last then score = last + ${BUCKETS} end
redis.call('SET', base .. 'last', string.format('%.0f', score))
redis.call('ZADD', order, string.format('%.0f', score), name)
redis.call('SADD', base .. 'of:' .. node, name)
return itsEntry or 'claimed'
`;

/** Frees an id if it is still this session's. Arguments: name, node, session. */
export const RELEASE = `${COMMON}
local name, node, session = unpack(ARGV)
local itsSession, itsNode = ownerOf(name)
if itsNode == node and itsSession == session then forget(name, node) end
return 'OK'
`;

/** Frees ids of a node that is no more. Arguments: node, how many at most. Answers how many it has looked at. */
export const REAP_CLIENTS = `${COMMON}
local node, limit = unpack(ARGV)
local names = redis.call('SPOP', base .. 'of:' .. node, limit)
for _, name in ipairs(names) do
  local _, itsNode = ownerOf(name)
  if itsNode == node then forget(name, node) end
end
return #names
`;
