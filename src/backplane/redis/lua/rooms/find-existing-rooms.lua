-- Finds out which rooms exist, without a look at their members.
-- Keys:      those of lib/rooms
-- Arguments: the rooms
-- Returns:   1 or 0 for each room

local found = {}
for i, room in ipairs(ARGV) do found[i] = exists(room) and 1 or 0 end
return found
