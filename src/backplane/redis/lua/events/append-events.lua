-- Appends a batch of events of one node to the journal, and removes events that are too many or too old.
-- The id of an entry is the position of its last event: positions count events, lost ones included.
-- Keys:      journalKey, lastKey, marksKey, lastBatchKey
-- Constants: MARK_MS
-- Arguments: node, batch (its run and number), lost (events that the writer has dropped before these), count, maxEvents, maxAgeMs, events
-- Returns:   1; 0 if the batch is in the journal already, because the answer to the first attempt was lost

local node, batch, lost, count, maxEvents, maxAgeMs, events = unpack(ARGV)
if redis.call('GET', lastBatchKey(node)) == batch then return 0 end
redis.call('SET', lastBatchKey(node), batch)

-- A journal that was lost begins above all its former positions: it never gets a million events a second.
local before = tonumber(redis.call('GET', lastKey) or nowMs * 1000)
local last = before + lost + count
redis.call('SET', lastKey, integer(last))
redis.call('XADD', journalKey, integer(last) .. '-0', 't', integer(nowMs), 'e', events)

-- A mark says which events were there at a time.
local newest = redis.call('ZREVRANGE', marksKey, 0, 0, 'WITHSCORES')
if not newest[2] or nowMs - newest[2] >= MARK_MS then
  redis.call('ZADD', marksKey, integer(nowMs), integer(before))
end
local tooOld = redis.call('ZREVRANGEBYSCORE', marksKey, integer(nowMs - maxAgeMs), '-inf', 'LIMIT', 0, 1)[1]
redis.call('ZREMRANGEBYSCORE', marksKey, '-inf', '(' .. integer(nowMs - maxAgeMs))
local oldest = math.max(last - maxEvents, tonumber(tooOld or '0')) + 1
redis.call('XTRIM', journalKey, 'MINID', integer(oldest) .. '-0')
redis.call('PEXPIRE', journalKey, maxAgeMs)
redis.call('PEXPIRE', marksKey, maxAgeMs)
return 1
