-- Queues a signal for an absent client.
-- Keys:      signalsKey, signalsToKey, sharesKey, those of lib/queue
-- Arguments: target, sender, address (group, or ''), bytes, signal, then count and bytes allowed for each share of `sharesOf`
-- Returns:   1; 0 if a bound is reached

local target, sender, address, bytes, signal = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local shares = sharesOf(target, sender, address)
for i, share in ipairs(shares) do
  local count = tonumber(redis.call('HGET', sharesKey, share .. ' n') or '0')
  local sum = tonumber(redis.call('HGET', sharesKey, share .. ' b') or '0')
  if count + 1 > tonumber(ARGV[4 + 2 * i]) or sum + bytes > tonumber(ARGV[5 + 2 * i]) then return 0 end
end
local id = redis.call('XADD', signalsKey, '*', 't', target, 'f', sender, 'a', address, 'b', bytes, 's', signal)
redis.call('RPUSH', signalsToKey(target), id)
for _, share in ipairs(shares) do addToShare(share, 1, bytes) end
return 1
