import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { costOf } from '../../common/cost.js';
import { isGroupRoom } from '../../common/group.js';
import { RawJson } from '../../common/raw-json.js';
import type { Room } from '../../common/room.js';
import { EasyRtcOptions } from '../../config/sections/easyrtc.options.js';
import { ClientRooms } from '../../rooms/client-rooms.js';
import { RoomsService } from '../../rooms/rooms.service.js';
import type { EasyRtcClient } from './easyrtc.client.js';
import { EasyRtcHooks } from './easyrtc.hooks.js';

/** Maximum number of rooms that are examined for a list. */
const MAX_LISTED = 10_000;

/** Number of rooms that are examined in one event-loop turn. */
const PAGE = 500;

/** Up to this number of rooms in all realms a list costs little, and is built for each request. */
const FEW = 100;

/** Time for which a list of more rooms is cached. */
const MAX_AGE_MS = 1000;

/** A room of a list, with its member of the answer. */
interface Entry {
  readonly room: string;
  readonly text: string;
}

/** Rooms, with the answer that contains all of them. */
interface RoomList {
  readonly entries: readonly Entry[];
  readonly answer: RawJson;
}

/** Answers `getRoomList`. If there are many rooms, the list of a realm is built at most once a second. */
@Injectable()
export class EasyRtcRoomList {
  private readonly shared = new Map<string, Promise<RoomList>>();

  constructor(
    private readonly rooms: RoomsService,
    private readonly clientRooms: ClientRooms,
    private readonly hooks: EasyRtcHooks,
    private readonly options: EasyRtcOptions,
  ) {}

  /**
   * Returns the rooms that a client may see, with the number of their clients. The option `easyrtcRoomList`, the
   * client's identity and the hook `mayListRoom` decide which these are. Rooms without EasyRTC clients are left out.
   */
  async answerFor(client: EasyRtcClient): Promise<RawJson> {
    const list = await this.listFor(client);
    const hasHook = this.hooks.mayListRoom !== EasyRtcHooks.prototype.mayListRoom;
    if (!hasHook && client.identity.rooms === undefined) return list.answer;
    // A call of the hook, and a look-up in the rooms of a token, cost about as much as a write to a client.
    client.charge(costOf({ receivers: list.entries.length }));
    return answerOf(await client.ask(() => this.allowed(client, list.entries)));
  }

  private listFor(client: EasyRtcClient): RoomList | Promise<RoomList> {
    switch (this.options.easyrtcRoomList) {
      case 'all':
        return this.ofRealm(client.realm);
      case 'joined':
        return listOf([...client.rooms].flatMap((id) => this.clientRooms.findJoined(client, id) ?? []));
      case 'none':
        return listOf([]);
    }
  }

  private async ofRealm(realm: string): Promise<RoomList> {
    const known = this.shared.get(realm);
    if (known) return known;
    if ((await this.rooms.count()) <= FEW) return this.make(realm);
    return this.shared.get(realm) ?? this.share(realm);
  }

  private share(realm: string): Promise<RoomList> {
    const list = this.make(realm);
    this.shared.set(realm, list);
    const forget = (): boolean => this.shared.delete(realm);
    list.then(() => setTimeout(forget, MAX_AGE_MS).unref(), forget);
    return list;
  }

  private async make(realm: string): Promise<RoomList> {
    const entries: Entry[] = [];
    let listed = 0;
    let cursor: string | undefined;
    do {
      const page = await this.rooms.list({ realm, limit: PAGE, cursor });
      entries.push(...entriesOf(page.items));
      listed += page.items.length;
      cursor = page.cursor;
      if (cursor !== undefined) await nextTurn();
    } while (cursor !== undefined && listed < MAX_LISTED);
    return { entries, answer: answerOf(entries) };
  }

  private async allowed(client: EasyRtcClient, entries: readonly Entry[]): Promise<Entry[]> {
    const allowed: Entry[] = [];
    const { peer } = client;
    for (const [at, entry] of entries.entries()) {
      if (at > 0 && at % PAGE === 0) await nextTurn();
      if (!this.clientRooms.mayKnow(client, entry.room)) continue;
      const isAllowed: unknown = await this.hooks.mayListRoom(peer, entry.room);
      if (isAllowed === true) allowed.push(entry);
    }
    return allowed;
  }
}

function listOf(rooms: readonly Room[]): RoomList {
  const entries = entriesOf(rooms);
  return { entries, answer: answerOf(entries) };
}

function entriesOf(rooms: readonly Room[]): Entry[] {
  return rooms.filter(isShown).map(({ id, members }) => {
    const roomName = JSON.stringify(id);
    return { room: id, text: `${roomName}:{"roomName":${roomName},"numberClients":${members.length}}` };
  });
}

function isShown({ id, members }: Room): boolean {
  return !isGroupRoom(id) && members.some(({ attributes }) => attributes !== undefined);
}

function answerOf(entries: readonly Entry[]): RawJson {
  return RawJson.ofText(`{"msgType":"roomList","msgData":{"roomList":{${entries.map(({ text }) => text).join()}}}}`);
}
