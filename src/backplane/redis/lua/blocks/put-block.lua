-- Stores a block for a time, in the place of one with the same id.
-- Keys:      entriesKey, untilKey, epochKey, those of lib/blocks
-- Arguments: id, entry, forMs, max (number of blocks), epoch (random, for the first block)
-- Returns:   1; 0 if there are `max` others

local id, entry, forMs, max, epoch = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
if not redis.call('ZSCORE', untilKey, id) and redis.call('ZCARD', untilKey) >= max then return 0 end
redis.call('HSET', entriesKey, id, entry)
redis.call('ZADD', untilKey, integer(nowMs + forMs), id)
redis.call('SET', epochKey, epoch, 'NX')
-- The epoch outlives the blocks that it names, so that a removed block does not look like a lost one.
local untilMs = integer(nowMs + math.max(forMs, redis.call('PTTL', epochKey)))
redis.call('PEXPIREAT', entriesKey, untilMs)
redis.call('PEXPIREAT', untilKey, untilMs)
redis.call('PEXPIREAT', epochKey, untilMs)
return 1
