-- Stops counting clients of a node that has died or stops.
-- Keys:      placesKey, placesOfKey
-- Arguments: node, limit (most places to look at)
-- Returns:   number of places looked at; fewer than the limit means that none is left

local node, limit = unpack(ARGV)
local places = redis.call('SPOP', placesOfKey(node), limit)
for _, place in ipairs(places) do
  local user, id = string.match(place, '^(.*)\n([^\n]*)$')
  local owner = redis.call('HGET', placesKey(user), id)
  if owner and string.match(owner, '^%S+') == node then redis.call('HDEL', placesKey(user), id) end
end
return #places
