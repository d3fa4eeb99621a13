-- Frees ids of a node that has died or stops.
-- Keys:      clientsOfKey, clientsKey, lostKey, those of lib/clients
-- Arguments: node, limit (most ids to look at), isLost ('1' if the clients are to be reported)
-- Returns:   number of ids looked at; fewer than the limit means that none is left

local node, limit, isLost = unpack(ARGV)
local clients = redis.call('SPOP', clientsOfKey(node), limit)
for _, client in ipairs(clients) do
  local _, ownerNode, protocol = ownerOf(client)
  if ownerNode == node then
    if isLost == '1' then redis.call('RPUSH', lostKey(node), redis.call('HGET', clientsKey, client)) end
    release(client, node, protocol)
  end
end
return #clients
