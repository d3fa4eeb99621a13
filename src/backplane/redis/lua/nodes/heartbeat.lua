-- Records a heartbeat of a registered node.
-- Keys:      heartbeatsKey, runsKey
-- Arguments: node, run
-- Returns:   1; 0 if this run is not registered, or was declared dead

local node, run = unpack(ARGV)
if redis.call('HGET', runsKey, node) ~= run then return 0 end
redis.call('ZADD', heartbeatsKey, integer(nowMs), node)
return 1
