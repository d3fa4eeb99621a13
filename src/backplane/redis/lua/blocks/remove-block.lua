-- Ends a block.
-- Keys:      entriesKey, untilKey, those of lib/blocks
-- Arguments: id
-- Returns:   1; 0 if it was not in force

local id = ARGV[1]
redis.call('HDEL', entriesKey, id)
return redis.call('ZREM', untilKey, id)
