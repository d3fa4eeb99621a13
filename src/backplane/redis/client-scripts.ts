import { FORMER_ID_MS, MAX_FORMER_IDS } from '../../clients/client-directory.js';
import { BUCKETS } from './keys.js';

// Below the base of a part of the directory:
//   clients  hash: name -> "SESSION NODE PROTOCOL ENTRY"  tokens  hash: name -> token
//   order    sorted set: names by when they came     last    the highest score in it
//   realms   hash: realm -> number of its clients    of:NODE set: names of the node's clients
//   former   hash: name -> the protocol that it is kept for     leaving  sorted set: these names by until when (ms)

/** Seconds from 1970 to November 2023. */
const EPOCH_S = 1_700_000_000;

const COMMON = `
local base = KEYS[1]
local clients, tokens, order, realms = base .. 'clients', base .. 'tokens', base .. 'order', base .. 'realms'
local former, leaving = base .. 'former', base .. 'leaving'
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)

local function ownerOf(name)
  local value = redis.call('HGET', clients, name)
  if not value then return nil end
  local session, node, protocol, entry = string.match(value, '^(%d+) (%S+) (%S+) (.*)$')
  return session, node, protocol, entry
end

local function isKeptFrom(protocol, name)
  local its = redis.call('HGET', former, name)
  return its and its ~= protocol and nowMs < tonumber(redis.call('ZSCORE', leaving, name) or '0')
end

local function unkeep(name)
  redis.call('HDEL', former, name)
  redis.call('ZREM', leaving, name)
end

-- Keeps a freed id for its protocol. Each one that is kept removes two that have expired; the keys expire with the last one.
local function keep(name, protocol)
  redis.call('HSET', former, name, protocol)
  redis.call('ZADD', leaving, string.format('%.0f', nowMs + ${FORMER_ID_MS}), name)
  for _, old in ipairs(redis.call('ZRANGEBYSCORE', leaving, '-inf', string.format('%.0f', nowMs), 'LIMIT', 0, 2)) do unkeep(old) end
  if redis.call('ZCARD', leaving) > ${MAX_FORMER_IDS / BUCKETS} then unkeep(redis.call('ZRANGE', leaving, 0, 0)[1]) end
  redis.call('PEXPIRE', former, ${FORMER_ID_MS})
  redis.call('PEXPIRE', leaving, ${FORMER_ID_MS})
end

local function forget(name, node, protocol)
  if redis.call('HEXISTS', tokens, name) == 0 then keep(name, protocol) end
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
 * Takes an id. Arguments: name, node, session, protocol, entry, number of the bucket, `claim` or `restore`, token (absent: none).
 * Answers `claimed`, `taken`, `own` (already the same session's), or the entry that was replaced.
 */
export const CLAIM = `${COMMON}
local name, node, session, protocol, entry, bucket, mode, token = unpack(ARGV)
local itsSession, itsNode, _, itsEntry = ownerOf(name)
if itsSession then
  if mode == 'restore' then
    if itsNode == node and itsSession == session then return 'own' end
    return 'taken'
  end
  if not token or redis.call('HGET', tokens, name) ~= token then return 'taken' end
  redis.call('SREM', base .. 'of:' .. itsNode, name)
else
  if isKeptFrom(protocol, name) then return 'taken' end
  redis.call('HINCRBY', realms, string.match(name, '^[^\\n]*'), 1)
end
redis.call('HSET', clients, name, session .. ' ' .. node .. ' ' .. protocol .. ' ' .. entry)
if token then redis.call('HSET', tokens, name, token) else redis.call('HDEL', tokens, name) end
-- Microseconds since ${EPOCH_S}, then the bucket: no two scores of all buckets are the same, and a double holds them until 2058.
local score = ((time[1] - ${EPOCH_S}) * 1000000 + time[2]) * ${BUCKETS} + bucket
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
local itsSession, itsNode, protocol = ownerOf(name)
if itsNode == node and itsSession == session then forget(name, node, protocol) end
return 'OK'
`;

/** Frees ids of a node that is no more. Arguments: node, how many at most. Answers how many it has looked at. */
export const REAP_CLIENTS = `${COMMON}
local node, limit = unpack(ARGV)
local names = redis.call('SPOP', base .. 'of:' .. node, limit)
for _, name in ipairs(names) do
  local _, itsNode, protocol = ownerOf(name)
  if itsNode == node then forget(name, node, protocol) end
end
return #names
`;
