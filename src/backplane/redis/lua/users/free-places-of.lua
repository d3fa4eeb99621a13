-- Stops counting clients of a node that has died or stops.
-- Keys:      placesKey, placesOfKey
-- Arguments: node, limit (most places to look at)
-- Returns:   number of places looked at; fewer than the limit means that none is left

local node, limit = unpack(ARGV)
local places = redis.call('SPOP', placesOfKey(node), limit)
for _, place in ipairs(places) do
  local user, id = string.match(place, '^(.*)\n([^\n]*)$')
  local others = {}
  for owner in string.gmatch(redis.call('HGET', placesKey(user), id) or '', '[^\n]+') do
    if string.match(owner, '^%S+') ~= node then others[#others + 1] = owner end
  end
  if #others > 0 then
    redis.call('HSET', placesKey(user), id, table.concat(others, '\n'))
  else
    redis.call('HDEL', placesKey(user), id)
  end
end
return #places
