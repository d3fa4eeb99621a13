-- Gives a reader of the journal to an owner, unless another owner has it, and renews the lease of the owner that has it.
-- Keys:      leaseKey, stateKey
-- Arguments: reader, owner, leaseMs, keptMs (time for which the state is kept)
-- Returns:   {1, the state that was saved last, if any}; {0} if another owner has the reader

local reader, owner, leaseMs, keptMs = unpack(ARGV)
local holder = redis.call('GET', leaseKey(reader))
if holder and holder ~= owner then return { 0 } end
redis.call('SET', leaseKey(reader), owner, 'PX', leaseMs)
redis.call('PEXPIRE', stateKey(reader), keptMs)
local state = redis.call('GET', stateKey(reader))
return state and { 1, state } or { 1 }
