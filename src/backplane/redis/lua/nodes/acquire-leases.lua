-- Declares silent nodes dead, and leases their removal to the calling node. Leases that were not renewed in time are taken over.
-- Keys:      heartbeatsKey, runsKey, deadKey, leasesKey
-- Arguments: run (of the calling node), timeoutMs (silence after which a node is dead), leaseMs
-- Returns:   names of the dead nodes whose removal is now leased to the caller

local run, timeoutMs, leaseMs = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local leased = redis.call('ZRANGEBYSCORE', heartbeatsKey, '-inf', integer(nowMs - timeoutMs))
for _, node in ipairs(leased) do
  redis.call('ZREM', heartbeatsKey, node)
  redis.call('HDEL', runsKey, node)
end
for _, node in ipairs(redis.call('ZRANGEBYSCORE', deadKey, '-inf', integer(nowMs - leaseMs))) do leased[#leased + 1] = node end
for _, node in ipairs(leased) do
  redis.call('ZADD', deadKey, integer(nowMs), node)
  redis.call('HSET', leasesKey, node, run)
end
return leased
