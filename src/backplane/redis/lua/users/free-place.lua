-- Stops counting a session of a client for its user. Needs lib/users.
-- Keys:      placesOfKey
-- Arguments: user, id, node, session
-- Returns:   'OK'

local user, id, node, session = unpack(ARGV)
local own = node .. ' ' .. session
local left = dropOwners(user, id, function(owner) return owner == own end)
for _, owner in ipairs(left) do
  if nodeOf(owner) == node then return 'OK' end
end
redis.call('SREM', placesOfKey(node), user .. '\n' .. id)
return 'OK'
