-- Lists the blocks in force, the next to end first.
-- Keys:      entriesKey, untilKey, epochKey, those of lib/blocks
-- Arguments: none
-- Returns:   the epoch ('' without one), now (ms since 1970), then entry and end (ms since 1970) of each block

local result = { redis.call('GET', epochKey) or '', integer(nowMs) }
local ends = redis.call('ZRANGE', untilKey, 0, -1, 'WITHSCORES')
for i = 1, #ends, 2 do
  result[#result + 1] = redis.call('HGET', entriesKey, ends[i])
  result[#result + 1] = integer(tonumber(ends[i + 1]))
end
return result
