import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { RawJson } from '../../common/raw-json.js';
import type { Room } from '../../common/room.js';
import { RoomsService } from '../../rooms/rooms.service.js';

/** Rooms of a realm that are looked at for a list. */
const MAX_LISTED = 10_000;

/** Rooms that are looked at in one turn of the event loop. */
const PAGE = 500;

/** Rooms of all realms up to which a list costs little, and is made for each request. */
const FEW = 100;

/** Time for which a list of more rooms is handed out to everybody. */
const MAX_AGE_MS = 1000;

/** Lists of the rooms of a realm, as `getRoomList` is answered. Where there are many rooms, they are made once a second. */
@Injectable()
export class EasyRtcRoomList {
  private readonly shared = new Map<string, Promise<RawJson>>();

  constructor(private readonly rooms: RoomsService) {}

  /** The number of clients in each room in which there are EasyRTC clients; others are nobody's business here. */
  async ofRealm(realm: string): Promise<RawJson> {
    const known = this.shared.get(realm);
    if (known) return known;
    if ((await this.rooms.count()) <= FEW) return this.make(realm);
    return this.shared.get(realm) ?? this.share(realm);
  }

  private share(realm: string): Promise<RawJson> {
    const list = this.make(realm);
    this.shared.set(realm, list);
    const forget = (): boolean => this.shared.delete(realm);
    list.then(() => setTimeout(forget, MAX_AGE_MS).unref(), forget);
    return list;
  }

  private async make(realm: string): Promise<RawJson> {
    const entries: string[] = [];
    let listed = 0;
    let cursor: string | undefined;
    do {
      const page = await this.rooms.list({ realm, limit: PAGE, cursor });
      for (const room of page.items) if (isShown(room)) entries.push(entryOf(room));
      listed += page.items.length;
      cursor = page.cursor;
      if (cursor !== undefined) await nextTurn();
    } while (cursor !== undefined && listed < MAX_LISTED);
    return RawJson.ofText(`{"msgType":"roomList","msgData":{"roomList":{${entries.join()}}}}`);
  }
}

function isShown({ members }: Room): boolean {
  return members.some(({ attributes }) => attributes !== undefined);
}

function entryOf({ id, members }: Room): string {
  const roomName = JSON.stringify(id);
  return `${roomName}:{"roomName":${roomName},"numberClients":${members.length}}`;
}
