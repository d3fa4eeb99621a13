-- Deletes rooms without an announcement, for the last node that stops: only permanent rooms are left then.
-- Keys:      orderKey, those of lib/room-changes
-- Arguments: '', '' (no node waits for the outcome), limit (most rooms to delete)
-- Returns:   number of rooms left

for _, room in ipairs(redis.call('ZRANGE', orderKey, 0, nextNumber() - 1)) do deleteRoom(room) end
return redis.call('ZCARD', orderKey)
