-- Library: bounds on the number of rooms. Needs lib/room-changes.
-- Keys:      orderKey, groupsKey, realmsKey, addressesKey
-- Arguments: maxRooms, maxOfRealm (-1: no bound), address (group that new rooms are counted for, or ''), maxOfAddress; wherever `nextBounds` is called

local function nextBounds()
  return { maxRooms = nextNumber(), maxOfRealm = nextNumber(), address = nextArgument(), maxOfAddress = nextNumber() }
end

-- Returns the refusal of further rooms of one realm, or nil if the bounds allow them. `ofGroups` of them are rooms of groups.
local function refusalOf(further, ofGroups, realm, bounds)
  if further == 0 then return nil end
  if redis.call('ZCARD', orderKey) + redis.call('SCARD', groupsKey) + further > bounds.maxRooms then
    return { 'ROOMS_LIMIT', bounds.maxRooms }
  end
  local rooms = further - ofGroups
  if bounds.maxOfRealm >= 0 and rooms > 0 then
    local ofRealm = tonumber(redis.call('HGET', realmsKey, realm) or '0')
    if ofRealm + rooms > bounds.maxOfRealm then return { 'REALM_LIMIT', bounds.maxOfRealm } end
  end
  local ofAddress = tonumber(redis.call('HGET', addressesKey, bounds.address) or '0')
  if bounds.address ~= '' and ofAddress + further > bounds.maxOfAddress then
    return { 'ADDRESS_LIMIT', bounds.maxOfAddress }
  end
  return nil
end
