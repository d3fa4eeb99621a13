import type { Attributes } from '../../common/attributes.js';
import type { NewRoom, RoomBounds } from '../../rooms/room-store.js';

// Arguments that scripts of rooms have in common (lua/lib/room-changes.lua, lua/lib/room-bounds.lua).

/** Returns realm, id and name of a room as members of a JSON object. */
export function headOf({ realm, id, name }: NewRoom): string {
  return JSON.stringify({ realm, id, name }).slice(1, -1);
}

/**
 * Returns the bound on all rooms, that on the rooms of the realm (-1 for none), the address group that new rooms are
 * counted for, and the bound on its rooms.
 */
export function boundsOf({ maxRooms, maxRoomsOfRealm = -1, address }: RoomBounds): readonly (string | number)[] {
  return [maxRooms, maxRoomsOfRealm, address?.group ?? '', address?.maxRooms ?? 0];
}

/** Returns attributes as JSON, or an empty text for none. */
export function attributesText(attributes: Attributes | undefined): string {
  return attributes ? JSON.stringify(attributes) : '';
}
