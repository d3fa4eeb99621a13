-- Stops counting a client for its user, if the place is still that of this session of this node.
-- Keys:      placesKey, placesOfKey
-- Arguments: user, id, node, session
-- Returns:   'OK'

local user, id, node, session = unpack(ARGV)
if redis.call('HGET', placesKey(user), id) == node .. ' ' .. session then
  redis.call('HDEL', placesKey(user), id)
  redis.call('SREM', placesOfKey(node), user .. '\n' .. id)
end
return 'OK'
