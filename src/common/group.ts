/** `ClientRooms` and `RoomsService` refuse ids with this prefix in requests of clients. */
const PREFIX = '\0group/';

/** Returns the id of the hidden room that holds the members of a group. Its changes are reported to no client. */
export function groupRoom(group: string): string {
  return PREFIX + group;
}

/** Whether a room is the hidden room of a group. */
export function isGroupRoom(room: string): boolean {
  return room.startsWith(PREFIX);
}
