-- Removes members of a node that has died or stops from their rooms, and the stream of that node.
-- Keys:      changesKey, membersOfKey, those of lib/room-changes
-- Arguments: '', '' (no node waits for the outcome), node, limit (most members to look at)
-- Returns:   number of members looked at; fewer than the limit means that none is left

local node, limit = nextArgument(), nextArgument()
redis.call('DEL', changesKey(node))
local entries = redis.call('SPOP', membersOfKey(node), limit)
for _, entry in ipairs(entries) do
  local room, client = string.match(entry, '^(.*)\n([^\n]*)$')
  local member = exists(room) and memberOf(room, client)
  if member and member.node == node then publish({ { removeMember(room, client, member) } }) end
end
return #entries
