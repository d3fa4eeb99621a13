-- Ends the lease on a reader of the journal, if the owner has the reader.
-- Keys:      leaseKey
-- Arguments: reader, owner
-- Returns:   1; 0 if the owner does not have the reader

local reader, owner = unpack(ARGV)
if redis.call('GET', leaseKey(reader)) ~= owner then return 0 end
redis.call('DEL', leaseKey(reader))
return 1
