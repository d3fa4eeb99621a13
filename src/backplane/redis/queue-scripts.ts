// Below the base of the queue:
//   all      stream: every waiting signal (t target, f sender, a address group or nothing, b bytes, s the signal), oldest first
//   to:NAME  list: ids in that stream, by target
//   sums     hash: number (n) and bytes (b) of each share

const COMMON = `
local base = KEYS[1]
local all, sums = base .. 'all', base .. 'sums'

-- In all, of the target (t), of the sender (f), of the sender at the target (tf); of the address (a), of the address at the
-- target (ta).
local function sharesOf(target, sender, address)
  local shares = { 'all', 't' .. target, 'f' .. sender, 'tf' .. target .. '\\n' .. sender }
  if address ~= '' then
    shares[5] = 'a' .. address
    shares[6] = 'ta' .. target .. '\\n' .. address
  end
  return shares
end

local function add(share, count, bytes)
  if redis.call('HINCRBY', sums, share .. ' n', count) == 0 then redis.call('HDEL', sums, share .. ' n') end
  if redis.call('HINCRBY', sums, share .. ' b', bytes) == 0 then redis.call('HDEL', sums, share .. ' b') end
end

local function fieldsOf(entry)
  local fields = {}
  for i = 1, #entry[2], 2 do fields[entry[2][i]] = entry[2][i + 1] end
  return fields
end

local function forget(entry, fields)
  redis.call('XDEL', all, entry[1])
  for _, share in ipairs(sharesOf(fields.t, fields.f, fields.a)) do add(share, -1, -fields.b) end
  if redis.call('XLEN', all) == 0 then redis.call('DEL', all) end
end

local function oldestId(ttlMs)
  local now = redis.call('TIME')
  return string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000) - ttlMs)
end
`;

/**
 * Puts a signal away. Arguments: target, sender, address, bytes, the signal, then the bounds in number and bytes, in the order
 * of `sharesOf`. Answers 1, or 0 if a bound is reached.
 */
export const PUT = `${COMMON}
local target, sender, address, bytes, signal = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local shares = sharesOf(target, sender, address)
for i, share in ipairs(shares) do
  local count = tonumber(redis.call('HGET', sums, share .. ' n') or '0')
  local sum = tonumber(redis.call('HGET', sums, share .. ' b') or '0')
  if count + 1 > tonumber(ARGV[4 + 2 * i]) or sum + bytes > tonumber(ARGV[5 + 2 * i]) then return 0 end
end
local id = redis.call('XADD', all, '*', 't', target, 'f', sender, 'a', address, 'b', bytes, 's', signal)
redis.call('RPUSH', base .. 'to:' .. target, id)
for _, share in ipairs(shares) do add(share, 1, bytes) end
return 1
`;

/** Hands out what waits for a target. Arguments: target, how long signals may wait in ms. */
export const TAKE = `${COMMON}
local target, ttlMs = ARGV[1], ARGV[2]
local ids = redis.call('LRANGE', base .. 'to:' .. target, 0, -1)
local oldest, signals = tonumber(oldestId(ttlMs)), {}
for _, id in ipairs(ids) do
  if tonumber(string.match(id, '^%d+')) > oldest then
    local entry = redis.call('XRANGE', all, id, id)[1]
    local fields = fieldsOf(entry)
    signals[#signals + 1] = fields.s
    redis.call('LREM', base .. 'to:' .. target, 1, id)
    forget(entry, fields)
  end
end
return signals
`;

/** Forgets what has waited too long. Arguments: how long signals may wait in ms, how many at most. Answers targets and senders. */
export const EXPIRE = `${COMMON}
local pairsOfThem = {}
for _, entry in ipairs(redis.call('XRANGE', all, '-', oldestId(ARGV[1]), 'COUNT', ARGV[2])) do
  local fields = fieldsOf(entry)
  redis.call('LREM', base .. 'to:' .. fields.t, 1, entry[1])
  forget(entry, fields)
  pairsOfThem[#pairsOfThem + 1] = fields.t
  pairsOfThem[#pairsOfThem + 1] = fields.f
end
return pairsOfThem
`;
