/** No client can name a room like this: what comes from clients is refused by RoomsService. */
const PREFIX = '\0group/';

/** The id of the hidden room that holds a group's members. Nobody is told who is in it. */
export function groupRoom(group: string): string {
  return PREFIX + group;
}

/** Whether a room is a group's. */
export function isGroupRoom(room: string): boolean {
  return room.startsWith(PREFIX);
}
