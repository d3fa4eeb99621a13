-- Library: signals queued for absent clients, and the shares of the bounds that they use up. Needs lib/clock.
-- Keys: signalsKey, sharesKey

-- Returns the shares that a signal counts for: all signals, its target (t), its sender (f), this sender at this target (tf), and
-- unless the address is '' its address (a) and this address at this target (ta). `queueLimits` has the bounds in this order.
local function sharesOf(target, sender, address)
  local shares = { 'all', 't' .. target, 'f' .. sender, 'tf' .. target .. '\n' .. sender }
  if address ~= '' then
    shares[5] = 'a' .. address
    shares[6] = 'ta' .. target .. '\n' .. address
  end
  return shares
end

local function addToShare(share, count, bytes)
  if redis.call('HINCRBY', sharesKey, share .. ' n', count) == 0 then redis.call('HDEL', sharesKey, share .. ' n') end
  if redis.call('HINCRBY', sharesKey, share .. ' b', bytes) == 0 then redis.call('HDEL', sharesKey, share .. ' b') end
end

-- Returns the fields of a stream entry as a table.
local function fieldsOf(entry)
  local fields = {}
  for i = 1, #entry[2], 2 do fields[entry[2][i]] = entry[2][i + 1] end
  return fields
end

local function deleteSignal(entry, fields)
  redis.call('XDEL', signalsKey, entry[1])
  for _, share in ipairs(sharesOf(fields.t, fields.f, fields.a)) do addToShare(share, -1, -fields.b) end
  -- An empty stream would remain as a key.
  if redis.call('XLEN', signalsKey) == 0 then redis.call('DEL', signalsKey) end
end
