import { Injectable } from '@nestjs/common';
import { costOf } from '../../common/cost.js';
import { DomainError, isNotAuthorized } from '../../common/domain-error.js';
import { groupRoom } from '../../common/group.js';
import type { Room } from '../../common/room.js';
import { TurnShare } from '../../common/turn-share.js';
import { EasyRtcOptions } from '../../config/sections/easyrtc.options.js';
import { ClientRooms } from '../../rooms/client-rooms.js';
import type { PermittedEntry } from '../../rooms/room-permits.js';
import type { RoomEntry } from '../../rooms/room-store.js';
import { RoomsService } from '../../rooms/rooms.service.js';
import type { EasyRtcClient } from './easyrtc.client.js';
import { EasyRtcHooks } from './easyrtc.hooks.js';
import type { RoomMap } from './easyrtc.messages.js';

/** The room of clients that name none. Every client may create it. */
const DEFAULT_ROOM = 'default';

/** EasyRTC's own rules for rooms. */
@Injectable()
export class EasyRtcRooms {
  constructor(
    private readonly rooms: ClientRooms,
    private readonly all: RoomsService,
    private readonly hooks: EasyRtcHooks,
    private readonly options: EasyRtcOptions,
    private readonly turnShare: TurnShare,
  ) {}

  /**
   * Joins all rooms that a client names, or none of them.
   * @param answer answers the client, before it hears of later changes
   * @throws DomainError ROOM_NOT_FOUND also for a room that the client may not create or join; LIMIT_REACHED
   */
  async join(client: EasyRtcClient, wanted: RoomMap, answer: (rooms: readonly Room[]) => void): Promise<void> {
    await this.enter(client, answer, await this.entries(client, wanted));
  }

  /**
   * Joins and leaves rooms and groups, so that the client is exactly in those that its login names.
   * @param answer as for `join`
   * @throws DomainError as `join`; then nothing has changed
   */
  async replaceAll(
    client: EasyRtcClient,
    wanted: RoomMap = {},
    answer: (rooms: readonly Room[]) => void,
  ): Promise<void> {
    const entries = await (Object.keys(wanted).length > 0 ? this.entries(client, wanted) : this.defaultEntries(client));
    const { groups } = client;
    const kept = new Set([...entries.map(({ id }) => id), ...groups.map(groupRoom)]);
    const leaving = [...client.rooms].filter((id) => !kept.has(id));
    await this.enter(client, answer, entries, { groups, leaving });
    for (const id of leaving) client.forgetApiFields(id);
  }

  /**
   * Leaves the rooms that a client names. Rooms that it is not in are ignored.
   * @throws DomainError LIMIT_REACHED, NOT_AUTHORIZED
   */
  async leave(client: EasyRtcClient, names: readonly string[]): Promise<void> {
    this.rooms.limitNamed(names.length);
    const joined = names.filter((name) => client.rooms.has(name));
    for (const name of joined) {
      const isAllowed: unknown = await client.ask(() => this.hooks.mayLeaveRoom(client.peer, name));
      if (isAllowed !== true) throw new DomainError('NOT_AUTHORIZED', {});
    }
    for (const name of joined) {
      client.forgetApiFields(name);
      await this.rooms.leaveIfJoined(client, name);
    }
  }

  /**
   * Replaces the API fields of a client in a room.
   * @param fields the JSON text of the fields
   * @throws DomainError NOT_IN_ROOM
   */
  async setApiFields(client: EasyRtcClient, room: string, fields: string): Promise<Room[]> {
    if (!client.rooms.has(room)) throw new DomainError('NOT_IN_ROOM', { room });
    client.setApiFields(room, fields);
    return this.show(client, [room]);
  }

  /** Shows the client's current attributes to the members of its rooms: of all its rooms, unless some are named. */
  show(client: EasyRtcClient, rooms: Iterable<string> = this.rooms.joinedBy(client)): Promise<Room[]> {
    return this.rooms.setMemberAttributes(
      client,
      new Map([...rooms].map((room) => [room, client.attributesIn(room)] as const)),
    );
  }

  /**
   * Enters rooms in one of the next turns: many clients may enter many rooms at the same time. Notices are held only
   * from then on, so that the wait does not fill the hold.
   */
  private enter(
    client: EasyRtcClient,
    answer: (rooms: readonly Room[]) => void,
    entries: readonly PermittedEntry[],
    change?: { groups: readonly string[]; leaving: readonly string[] },
  ): Promise<void> {
    return this.turnShare.run(() => {
      return client.holdWhile(async () => answer(await this.rooms.enterPermitted(client, entries, change)));
    });
  }

  /** @throws DomainError ROOM_NOT_FOUND for a room that the client may not join or create; LIMIT_REACHED */
  private async entries(client: EasyRtcClient, wanted: RoomMap): Promise<PermittedEntry[]> {
    const entries = await this.permitted(client, wanted);
    if (!entries) throw new DomainError('ROOM_NOT_FOUND', { room: Object.keys(wanted)[0] ?? '' });
    return entries;
  }

  /** The room of clients that name none. A client whose token does not permit it is in no room. */
  private async defaultEntries(client: EasyRtcClient): Promise<PermittedEntry[]> {
    return (await this.permitted(client, { [DEFAULT_ROOM]: { roomName: DEFAULT_ROOM } })) ?? [];
  }

  /** Returns undefined if the client's identity, or the application, does not permit one of the rooms. */
  private async permitted(client: EasyRtcClient, wanted: RoomMap): Promise<PermittedEntry[] | undefined> {
    const entries = await this.allowed(client, wanted);
    try {
      return await client.ask(() => this.rooms.permitted(client, entries));
    } catch (error) {
      if (!isNotAuthorized(error)) throw error;
      return undefined;
    }
  }

  /** Returns the entries for rooms that the rules of EasyRTC allow. */
  private async allowed(client: EasyRtcClient, wanted: RoomMap): Promise<RoomEntry[]> {
    const { easyrtcAutoCreateRooms, easyrtcMaxRoomMembers: maxMembers } = this.options;
    const names = Object.keys(wanted);
    this.rooms.limitNamed(names.length);
    await this.checkNew(
      client,
      names.filter((name) => !client.rooms.has(name)),
      wanted,
    );
    return names.map((id) => {
      const mayCreate = easyrtcAutoCreateRooms || id === DEFAULT_ROOM;
      return { id, mayCreate, maxMembers, attributes: client.attributesIn(id) };
    });
  }

  /** @throws DomainError ROOM_NOT_FOUND for a room that the client may not join or create */
  private async checkNew(client: EasyRtcClient, names: readonly string[], wanted: RoomMap): Promise<void> {
    const check = async (hook: 'mayJoinRoom' | 'mayCreateRoom', room: string): Promise<void> => {
      const isAllowed: unknown = await client.ask(() =>
        this.hooks[hook](client.peer, room, wanted[room]?.roomParameter),
      );
      if (isAllowed !== true) throw new DomainError('ROOM_NOT_FOUND', { room });
    };
    const existing = await this.all.existing(client.realm, names);
    client.charge(costOf({ entries: names.length }));
    for (const name of names) {
      await check('mayJoinRoom', name);
      if (!existing.has(name)) await check('mayCreateRoom', name);
    }
  }
}
