-- Unregisters a run of a node that stops.
-- Keys:      heartbeatsKey, runsKey, deadKey
-- Arguments: node, run
-- Returns:   number of nodes left, dead ones that are still to be removed included

local node, run = unpack(ARGV)
if redis.call('HGET', runsKey, node) == run then
  redis.call('ZREM', heartbeatsKey, node)
  redis.call('HDEL', runsKey, node)
end
return redis.call('ZCARD', heartbeatsKey) + redis.call('ZCARD', deadKey)
