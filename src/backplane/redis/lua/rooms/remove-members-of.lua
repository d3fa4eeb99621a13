-- Removes members of a node that has died or stops from their rooms, and the stream of that node.
-- Keys:      changesKey, membersOfKey, roomKey, lostKey, those of lib/room-changes
-- Arguments: '', '' (no node waits for the outcome), node, limit (most members to look at),
--            isLost ('1' if the members are to be reported)
-- Returns:   number of members looked at; fewer than the limit means that none is left

local node, limit, isLost = nextArgument(), nextArgument(), nextArgument()
redis.call('DEL', changesKey(node))
local entries = redis.call('SPOP', membersOfKey(node), limit)
for _, entry in ipairs(entries) do
  local room, client = string.match(entry, '^(.*)\n([^\n]*)$')
  local member = exists(room) and memberOf(room, client)
  if member and member.node == node then
    local head = redis.call('HGET', roomKey(room), 'head')
    publish({ { removeMember(room, client, member) } })
    if isLost == '1' then
      redis.call('RPUSH', lostKey(node), '{' .. head .. ',"client":' .. client .. ',"members":' .. size(room) ..
        ',"hasEnded":' .. tostring(not exists(room)) .. '}')
    end
  end
end
return #entries
