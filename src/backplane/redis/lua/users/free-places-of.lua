-- Stops counting clients of a node that has died or stops. Needs lib/users.
-- Keys:      placesOfKey
-- Arguments: node, limit (most places to look at)
-- Returns:   number of places looked at; fewer than the limit means that none is left

local node, limit = unpack(ARGV)
local places = redis.call('SPOP', placesOfKey(node), limit)
for _, place in ipairs(places) do
  local user, id = string.match(place, '^(.*)\n([^\n]*)$')
  dropOwners(user, id, function(owner) return nodeOf(owner) == node end)
end
return #places
