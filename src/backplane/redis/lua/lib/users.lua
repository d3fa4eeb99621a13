-- Library: the sessions that count for the clients of a user, each as 'node session'.
-- Keys:      placesKey

local function nodeOf(owner) return string.match(owner, '^%S+') end

-- Stops counting the sessions of a client for which `isGone` is true. Returns those that are left.
local function dropOwners(user, id, isGone)
  local left = {}
  for owner in string.gmatch(redis.call('HGET', placesKey(user), id) or '', '[^\n]+') do
    if not isGone(owner) then left[#left + 1] = owner end
  end
  if #left > 0 then
    redis.call('HSET', placesKey(user), id, table.concat(left, '\n'))
  else
    redis.call('HDEL', placesKey(user), id)
  end
  return left
end
