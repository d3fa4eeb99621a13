-- Registers a run of a node.
-- Keys:      heartbeatsKey, runsKey, deadKey
-- Arguments: node, run, timeoutMs (silence after which a node is dead)
-- Returns:   'REGISTERED'; 'NAME_IN_USE' while another run of this name is alive; 'DEAD' while a dead run of this name is
--            still to be removed

local node, run, timeoutMs = unpack(ARGV)
if redis.call('ZSCORE', deadKey, node) then return 'DEAD' end
local lastHeartbeatMs = redis.call('ZSCORE', heartbeatsKey, node)
if lastHeartbeatMs and redis.call('HGET', runsKey, node) ~= run then
  if nowMs - lastHeartbeatMs < tonumber(timeoutMs) then return 'NAME_IN_USE' end
  return 'DEAD'
end
redis.call('ZADD', heartbeatsKey, integer(nowMs), node)
redis.call('HSET', runsKey, node, run)
return 'REGISTERED'
