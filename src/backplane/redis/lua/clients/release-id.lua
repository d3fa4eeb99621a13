-- Frees an id, if it still belongs to this session of this node.
-- Keys:      those of lib/clients
-- Arguments: client, node, session
-- Returns:   the entry that was removed; '' if there was none

local client, node, session = unpack(ARGV)
local ownerSession, ownerNode, protocol, entry = ownerOf(client)
if ownerNode ~= node or ownerSession ~= session then return '' end
release(client, node, protocol)
return entry
