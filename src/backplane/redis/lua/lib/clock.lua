-- Library: the clock of Redis, which all nodes share.

local time = redis.call('TIME')
-- Milliseconds since 1970.
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)

-- Returns a number as Redis reads it. Lua's own conversion keeps 14 digits.
local function integer(number) return string.format('%.0f', number) end
