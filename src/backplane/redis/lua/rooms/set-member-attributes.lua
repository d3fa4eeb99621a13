-- Sets what rooms show of a client. Rooms that it is not in are skipped.
-- Keys:      those of lib/room-changes
-- Arguments: requester, operation, client, then for each room: room, attributes (JSON)
-- Returns:   {'OK'}, {'UNAVAILABLE'}

if not canPublish() then return { 'UNAVAILABLE' } end
local client, batch = nextArgument(), {}
while hasMoreArguments() do
  local room, attributes = nextArgument(), nextArgument()
  local member = memberOf(room, client)
  if member then
    local change = newChange('updated', room)
    member.attributes = attributes
    batch[#batch + 1] = completeWithMember(change, client, member)
  end
end
return publish({ batch })
