import { isGroupRoom } from '../common/group.js';
import { RealmMap } from '../common/realm-map.js';
import type { Room } from '../common/room.js';

/** Rooms by realm and id, of which it counts those that are not the hidden rooms of groups. */
export class RoomMap extends RealmMap<Room> {
  private groups = 0;

  /** Number of rooms without those of groups. */
  get visible(): number {
    return this.size - this.groups;
  }

  override set(realm: string, id: string, room: Room): void {
    const before = this.size;
    super.set(realm, id, room);
    if (isGroupRoom(id)) this.groups += this.size - before;
  }

  override delete(realm: string, id: string): boolean {
    const isDeleted = super.delete(realm, id);
    if (isDeleted && isGroupRoom(id)) this.groups--;
    return isDeleted;
  }
}
