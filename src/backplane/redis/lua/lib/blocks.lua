-- Library: forgets blocks that have ended.
-- Keys: entriesKey, untilKey

local ended = redis.call('ZRANGEBYSCORE', untilKey, '-inf', integer(nowMs))
for _, id in ipairs(ended) do
  redis.call('HDEL', entriesKey, id)
  redis.call('ZREM', untilKey, id)
end
