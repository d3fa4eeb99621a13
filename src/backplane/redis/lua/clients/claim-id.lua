-- Claims an id, or takes it over from the client that has it.
-- Keys:      clientsKey, tokensKey, orderKey, lastScoreKey, realmsKey, clientsOfKey, those of lib/clients
-- Constants: BUCKETS, EPOCH_S
-- Arguments: client, node, session, protocol, entry (JSON), bucket, mode, [token]
--            mode: 'claim' takes an id over if its token is the same one; 'reclaim' takes free ids only
-- Returns:   'claimed'; 'taken'; 'own' if this session has it already (mode 'reclaim'); else the entry that was replaced

local client, node, session, protocol, entry, bucket, mode, token = unpack(ARGV)
local ownerSession, ownerNode, _, ownerEntry = ownerOf(client)
if ownerSession then
  if mode == 'reclaim' then
    if ownerNode ~= node or ownerSession ~= session then return 'taken' end
    redis.call('HSET', clientsKey, client, session .. ' ' .. node .. ' ' .. protocol .. ' ' .. entry)
    return 'own'
  end
  if not token or redis.call('HGET', tokensKey, client) ~= token then return 'taken' end
  redis.call('SREM', clientsOfKey(ownerNode), client)
else
  if isReservedFrom(protocol, client) then return 'taken' end
  redis.call('HINCRBY', realmsKey, realmOf(client), 1)
end
redis.call('HSET', clientsKey, client, session .. ' ' .. node .. ' ' .. protocol .. ' ' .. entry)
if token then redis.call('HSET', tokensKey, client, token) else redis.call('HDEL', tokensKey, client) end
-- Microseconds since EPOCH_S, then the bucket: scores are unique over all buckets, and fit into a double until 2058.
local score = ((time[1] - EPOCH_S) * 1000000 + time[2]) * BUCKETS + bucket
local last = tonumber(redis.call('GET', lastScoreKey) or '0')
if score <= last then score = last + BUCKETS end
redis.call('SET', lastScoreKey, integer(score))
redis.call('ZADD', orderKey, integer(score), client)
redis.call('SADD', clientsOfKey(node), client)
return ownerEntry or 'claimed'
