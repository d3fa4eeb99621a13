-- Renews the lease on the removal of a dead node.
-- Keys:      deadKey, leasesKey
-- Arguments: run (of the calling node), node (the dead one)
-- Returns:   1; 0 if another node has the lease by now

local run, node = unpack(ARGV)
if redis.call('HGET', leasesKey, node) ~= run then return 0 end
redis.call('ZADD', deadKey, integer(nowMs), node)
return 1
