-- Stops counting a session of a client for its user.
-- Keys:      placesKey, placesOfKey
-- Arguments: user, id, node, session
-- Returns:   'OK'

local user, id, node, session = unpack(ARGV)
local own = node .. ' ' .. session
local others, isHere = {}, false
for owner in string.gmatch(redis.call('HGET', placesKey(user), id) or '', '[^\n]+') do
  if owner ~= own then
    others[#others + 1] = owner
    isHere = isHere or string.match(owner, '^%S+') == node
  end
end
if #others > 0 then
  redis.call('HSET', placesKey(user), id, table.concat(others, '\n'))
else
  redis.call('HDEL', placesKey(user), id)
end
if not isHere then redis.call('SREM', placesOfKey(node), user .. '\n' .. id) end
return 'OK'
