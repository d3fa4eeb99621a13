-- Deletes expired signals, oldest first.
-- Keys:      signalsKey, signalsToKey, those of lib/queue
-- Arguments: ttlMs, limit (most signals to delete)
-- Returns:   target and sender of each signal in turn

local ends = {}
for _, entry in ipairs(redis.call('XRANGE', signalsKey, '-', integer(nowMs - ARGV[1]), 'COUNT', ARGV[2])) do
  local fields = fieldsOf(entry)
  redis.call('LREM', signalsToKey(fields.t), 1, entry[1])
  deleteSignal(entry, fields)
  ends[#ends + 1] = fields.t
  ends[#ends + 1] = fields.f
end
return ends
