-- Saves the state of a reader of the journal, and renews the lease, if the owner has the reader.
-- Keys:      leaseKey, stateKey
-- Arguments: reader, owner, state, leaseMs, keptMs (time for which the state is kept)
-- Returns:   1; 0 if the owner does not have the reader

local reader, owner, state, leaseMs, keptMs = unpack(ARGV)
if redis.call('GET', leaseKey(reader)) ~= owner then return 0 end
redis.call('SET', leaseKey(reader), owner, 'PX', leaseMs)
redis.call('SET', stateKey(reader), state, 'PX', keptMs)
return 1
