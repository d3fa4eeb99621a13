-- Forgets a dead node that has been removed, with its lease. Its name is free again.
-- Keys:      deadKey, leasesKey
-- Arguments: node
-- Returns:   'OK'

redis.call('ZREM', deadKey, ARGV[1])
redis.call('HDEL', leasesKey, ARGV[1])
return 'OK'
