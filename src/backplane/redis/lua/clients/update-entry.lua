-- Replaces the entry of an id, if it still belongs to this session of this node.
-- Keys:      clientsKey, those of lib/clients
-- Arguments: client, node, session, entry (JSON)
-- Returns:   'OK'

local client, node, session, entry = unpack(ARGV)
local ownerSession, ownerNode, protocol = ownerOf(client)
if ownerNode == node and ownerSession == session then
  redis.call('HSET', clientsKey, client, session .. ' ' .. node .. ' ' .. protocol .. ' ' .. entry)
end
return 'OK'
