// Below the base of the nodes:
//   beats   sorted set: names by their last sign of life (ms of Redis's clock)
//   runs    hash: name -> what tells this run of the node from earlier ones
//   graves  sorted set: names of dead nodes whose clients are being given up, by when somebody was last at it
//   diggers hash: name -> the run of the node that is at it

const COMMON = `
local base = KEYS[1]
local beats, runs, graves, diggers = base .. 'beats', base .. 'runs', base .. 'graves', base .. 'diggers'
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function at(ms) return string.format('%.0f', ms) end
`;

/**
 * Makes a node one of all. Arguments: name, run, after how many ms a node is dead.
 * Answers `OK`; `LIVES` if another run of the same name lives; `DEAD` if one has died and is not buried yet.
 */
export const ENROLL = `${COMMON}
local name, run, timeoutMs = unpack(ARGV)
if redis.call('ZSCORE', graves, name) then return 'DEAD' end
local beat = redis.call('ZSCORE', beats, name)
if beat and redis.call('HGET', runs, name) ~= run then
  if now - beat < tonumber(timeoutMs) then return 'LIVES' end
  return 'DEAD'
end
redis.call('ZADD', beats, at(now), name)
redis.call('HSET', runs, name, run)
return 'OK'
`;

/** A sign of life. Arguments: name, run. Answers 0 if the node counts as dead, or is not known. */
export const BEAT = `${COMMON}
local name, run = unpack(ARGV)
if redis.call('HGET', runs, name) ~= run then return 0 end
redis.call('ZADD', beats, at(now), name)
return 1
`;

/**
 * Takes on the burial of the dead: of those who have just died, and of those whose burial somebody has not finished in time.
 * Arguments: the run of whoever asks, after how many ms a node is dead, how long a burial may rest in ms. Answers their names.
 */
export const BURY = `${COMMON}
local timeoutMs, burialMs = tonumber(ARGV[2]), tonumber(ARGV[3])
local dead = redis.call('ZRANGEBYSCORE', beats, '-inf', at(now - timeoutMs))
for _, name in ipairs(dead) do
  redis.call('ZREM', beats, name)
  redis.call('HDEL', runs, name)
end
for _, name in ipairs(redis.call('ZRANGEBYSCORE', graves, '-inf', at(now - burialMs))) do dead[#dead + 1] = name end
for _, name in ipairs(dead) do
  redis.call('ZADD', graves, at(now), name)
  redis.call('HSET', diggers, name, ARGV[1])
end
return dead
`;

/** Somebody is still at a burial. Arguments: its run, the name of the dead. Answers 0 if it is another one's task by now. */
export const DIG = `${COMMON}
local run, name = unpack(ARGV)
if redis.call('HGET', diggers, name) ~= run then return 0 end
redis.call('ZADD', graves, at(now), name)
return 1
`;

/** A burial has ended. Arguments: name. */
export const BURIED = `${COMMON}
redis.call('ZREM', graves, ARGV[1])
redis.call('HDEL', diggers, ARGV[1])
return 'OK'
`;

/** A node goes by itself. Arguments: name, run. Answers how many are left, dead ones that are not buried yet included. */
export const WITHDRAW = `${COMMON}
local name, run = unpack(ARGV)
if redis.call('HGET', runs, name) == run then
  redis.call('ZREM', beats, name)
  redis.call('HDEL', runs, name)
end
return redis.call('ZCARD', beats) + redis.call('ZCARD', graves)
`;
