-- Reads rooms.
-- Keys:      those of lib/rooms
-- Arguments: the rooms
-- Returns:   for each room its state (JSON), or '' if there is no such room

local states = {}
for i, room in ipairs(ARGV) do states[i] = exists(room) and roomJson(room) or '' end
return states
