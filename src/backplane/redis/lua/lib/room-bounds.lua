-- Library: bounds on the number of rooms. Needs lib/room-changes.
-- Keys:      orderKey, groupsKey, addressesKey
-- Arguments: maxRooms, address (group that new rooms are counted for, or ''), maxOfAddress; wherever `nextBounds` is called

local function nextBounds()
  return { maxRooms = nextNumber(), address = nextArgument(), maxOfAddress = nextNumber() }
end

-- Returns the refusal of further rooms, or nil if the bounds allow them.
local function refusalOf(further, bounds)
  if further == 0 then return nil end
  if redis.call('ZCARD', orderKey) + redis.call('SCARD', groupsKey) + further > bounds.maxRooms then
    return { 'ROOMS_LIMIT', bounds.maxRooms }
  end
  local ofAddress = tonumber(redis.call('HGET', addressesKey, bounds.address) or '0')
  if bounds.address ~= '' and ofAddress + further > bounds.maxOfAddress then
    return { 'ADDRESS_LIMIT', bounds.maxOfAddress }
  end
  return nil
end
