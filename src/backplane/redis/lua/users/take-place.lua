-- Counts a client for its user.
-- Keys:      placesKey, placesOfKey
-- Arguments: user, id, node, session, [limit]
--            without a limit, a client that is counted already stays as it is
-- Returns:   'OK'; 'FULL' if the user has as many other clients as the limit

local user, id, node, session, limit = unpack(ARGV)
local owner = redis.call('HGET', placesKey(user), id)
if owner then
  if not limit then return 'OK' end
  redis.call('SREM', placesOfKey(string.match(owner, '^%S+')), user .. '\n' .. id)
elseif limit and redis.call('HLEN', placesKey(user)) >= tonumber(limit) then
  return 'FULL'
end
redis.call('HSET', placesKey(user), id, node .. ' ' .. session)
redis.call('SADD', placesOfKey(node), user .. '\n' .. id)
return 'OK'
