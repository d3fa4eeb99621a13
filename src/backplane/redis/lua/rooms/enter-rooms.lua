-- Adds a client to several rooms, or to none of them, and creates those that are missing. Where it is a member already, only its
-- attributes change.
-- Keys:      those of lib/room-changes and lib/room-bounds
-- Arguments: requester, operation, client, joinedAt, maxRooms, maxOfRealm, address, maxOfAddress, then for each room: room,
--            head, isGroup (1 or 0), mayCreate (1 or 0), maxMembers, attributes (JSON, or '')
-- Returns:   {'OK'}, {'ROOM_NOT_FOUND', room}, {'MEMBERS_LIMIT', limit}, {'ROOMS_LIMIT', limit}, {'REALM_LIMIT', limit},
--            {'ADDRESS_LIMIT', limit}, {'UNAVAILABLE'}

if not canPublish() then return { 'UNAVAILABLE' } end
local client, joinedAt, bounds = nextArgument(), nextArgument(), nextBounds()
local entries, missing, ofGroups = {}, 0, 0
while hasMoreArguments() do
  local entry = { room = nextArgument(), head = nextArgument(), isGroup = nextArgument(), mayCreate = nextArgument(),
    maxMembers = nextNumber(), attributes = nextArgument() }
  entries[#entries + 1] = entry
  if not exists(entry.room) then
    if entry.mayCreate == '0' then return { 'ROOM_NOT_FOUND', entry.room } end
    missing = missing + 1
    if entry.isGroup == '1' then ofGroups = ofGroups + 1 end
  elseif not memberOf(entry.room, client) and size(entry.room) >= entry.maxMembers then
    return { 'MEMBERS_LIMIT', entry.maxMembers }
  end
end
local refusal = refusalOf(missing, ofGroups, entries[1] and realmOf(entries[1].room), bounds)
if refusal then return refusal end
local batches = {}
for _, entry in ipairs(entries) do
  local room = entry.room
  local member = memberOf(room, client)
  local change = newChange(member and 'updated' or 'joined', room)
  if not exists(room) then createRoom(room, entry.isGroup, entry.head, joinedAt, bounds.address) end
  member = member or newMember(room, requester, joinedAt, '')
  member.attributes = entry.attributes
  batches[#batches + 1] = { completeWithMember(change, client, member) }
end
return publish(batches)
