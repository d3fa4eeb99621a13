-- Frees an id, if it still belongs to this session of this node.
-- Keys:      those of lib/clients
-- Arguments: client, node, session
-- Returns:   'OK'

local client, node, session = unpack(ARGV)
local ownerSession, ownerNode, protocol = ownerOf(client)
if ownerNode == node and ownerSession == session then release(client, node, protocol) end
return 'OK'
