-- Frees ids of a node that has died or stops.
-- Keys:      clientsOfKey, those of lib/clients
-- Arguments: node, limit (most ids to look at)
-- Returns:   number of ids looked at; fewer than the limit means that none is left

local node, limit = unpack(ARGV)
local clients = redis.call('SPOP', clientsOfKey(node), limit)
for _, client in ipairs(clients) do
  local _, ownerNode, protocol = ownerOf(client)
  if ownerNode == node then release(client, node, protocol) end
end
return #clients
