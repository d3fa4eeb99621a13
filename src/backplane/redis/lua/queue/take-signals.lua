-- Takes the signals that are queued for a client out of the queue. Expired ones stay for `expireSignals`.
-- Keys:      signalsKey, signalsToKey, those of lib/queue
-- Arguments: target, ttlMs
-- Returns:   the signals, oldest first

local target, ttlMs = ARGV[1], ARGV[2]
local signals = {}
for _, id in ipairs(redis.call('LRANGE', signalsToKey(target), 0, -1)) do
  if tonumber(string.match(id, '^%d+')) > nowMs - ttlMs then
    local entry = redis.call('XRANGE', signalsKey, id, id)[1]
    local fields = fieldsOf(entry)
    signals[#signals + 1] = fields.s
    redis.call('LREM', signalsToKey(target), 1, id)
    deleteSignal(entry, fields)
  end
end
return signals
