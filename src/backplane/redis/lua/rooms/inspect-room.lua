-- Publishes the state of a room to the requester alone: whole (kind 'inspected'), or as 'ended' if there is no such room.
-- Keys:      those of lib/room-changes
-- Arguments: requester, operation, room
-- Returns:   {'OK'}, {'UNAVAILABLE'}

if not canPublish() then return { 'UNAVAILABLE' } end
local room = nextArgument()
local change = { kind = 'inspected', room = room, hasReplica = false, nodes = {} }
if exists(room) then
  completeChange(change, '')
  change.nodes = {}
else
  change.json = '{"kind":"ended","name":[' .. string.gsub(room, '\n', ',') .. '],"version":0'
end
return publish({ { change } })
