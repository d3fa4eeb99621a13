-- Counts a session of a client for its user. Sessions with the same id count once.
-- Keys:      placesKey, placesOfKey
-- Arguments: user, id, node, session, [limit]
-- Returns:   'OK'; 'FULL' if the user has as many clients with other ids as the limit

local user, id, node, session, limit = unpack(ARGV)
local own = node .. ' ' .. session
local owners = redis.call('HGET', placesKey(user), id)
if not owners then
  if limit and redis.call('HLEN', placesKey(user)) >= tonumber(limit) then return 'FULL' end
  owners = own
elseif not string.find('\n' .. owners .. '\n', '\n' .. own .. '\n', 1, true) then
  owners = owners .. '\n' .. own
end
redis.call('HSET', placesKey(user), id, owners)
redis.call('SADD', placesOfKey(node), user .. '\n' .. id)
return 'OK'
