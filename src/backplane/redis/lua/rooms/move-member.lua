-- Makes a client that has moved to the requester a member from there. Rooms that it is not in are skipped.
-- Keys:      membersKey, those of lib/room-changes
-- Arguments: requester, operation, client, then the rooms
-- Returns:   {'OK'}, {'UNAVAILABLE'}

if not canPublish() then return { 'UNAVAILABLE' } end
local client, batch = nextArgument(), {}
while hasMoreArguments() do
  local room = nextArgument()
  local member = memberOf(room, client)
  if member then
    local change = newChange('moved', room)
    change.nodes[member.node] = true
    unlinkMember(room, client, member.node)
    redis.call('HDEL', membersKey(room), client)
    member.node = requester
    batch[#batch + 1] = completeWithMember(change, client, member)
  end
end
return publish({ batch })
