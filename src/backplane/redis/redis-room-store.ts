import { Injectable } from '@nestjs/common';
import type { Attributes } from '../../common/attributes.js';
import { DomainError } from '../../common/domain-error.js';
import { isGroupRoom } from '../../common/group.js';
import type { Page, PageQuery, RealmCount } from '../../common/page.js';
import type { Room, RoomListener, RoomMember } from '../../common/room.js';
import {
  type Entered,
  type IsMember,
  type NewRoom,
  type RoomBounds,
  type RoomEntry,
  type RoomQuery,
  RoomStore,
} from '../../rooms/room-store.js';
import { Keys, qualified } from './keys.js';
import { LostEntries, type LostMember } from './lost-entries.js';
import { nameFilter, pairs, realmPage, scoredPage } from './pages.js';
import { RedisConnection } from './redis-connection.js';
import { removeInBatches, type RenewLease } from './removal-lease.js';
import { attributesText, boundsOf, headOf } from './room-arguments.js';
import { RoomOperations, type RoomScript } from './room-operations.js';
import { type Applied, replicaOf, type RoomState } from './room-replicas.js';
import { RoomRestorer } from './room-restorer.js';

/** Most members of a dead node, or rooms, that one script removes. */
const REMOVED_AT_ONCE = 200;

/** For scripts whose outcome no node waits for: no requester, no operation. */
const UNREQUESTED = ['', ''] as const;

/** RoomStore on Redis. */
@Injectable()
export class RedisRoomStore extends RoomStore {
  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: Keys,
    private readonly operations: RoomOperations,
    private readonly restorer: RoomRestorer,
  ) {
    super();
  }

  override listen(_node: string, listener: RoomListener): void {
    this.operations.onChanges(listener);
  }

  override async create(room: NewRoom, creator: RoomMember | undefined, bounds: RoomBounds): Promise<Room> {
    const name = qualified(room.realm, room.id);
    const since = creator?.joinedAt ?? Date.now();
    const member = creator ? [JSON.stringify(creator.id)] : [];
    return this.change('createRoom', name, headOf(room), since, ...boundsOf(bounds), ...member);
  }

  override async join(realm: string, id: string, member: RoomMember, { maxMembers }: RoomBounds): Promise<Room> {
    const { id: client, joinedAt, attributes } = member;
    const args = [qualified(realm, id), JSON.stringify(client), joinedAt, attributesText(attributes), maxMembers];
    return this.change('joinRoom', ...args);
  }

  override async enter(
    realm: string,
    entries: readonly RoomEntry[],
    member: RoomMember,
    bounds: RoomBounds,
  ): Promise<Entered[]> {
    if (entries.length === 0) return [];
    const rooms = entries.flatMap(({ id, mayCreate, maxMembers, attributes }) => [
      qualified(realm, id),
      headOf({ realm, id, name: id }),
      isGroupRoom(id) ? 1 : 0,
      mayCreate ? 1 : 0,
      Math.min(maxMembers, bounds.maxMembers),
      attributesText(attributes),
    ]);
    const client = JSON.stringify(member.id);
    const applied = await this.operations.run('enterRooms', client, member.joinedAt, ...boundsOf(bounds), ...rooms);
    return applied.map(({ room, changes }) => ({ room: room!, isNew: changes[0]?.kind === 'joined' }));
  }

  override async setMemberAttributes(
    realm: string,
    clientId: string,
    attributes: ReadonlyMap<string, Attributes>,
  ): Promise<Room[]> {
    const rooms = [...attributes].flatMap(([id, ofMember]) => [qualified(realm, id), attributesText(ofMember)]);
    return roomsOf(await this.operations.run('setMemberAttributes', JSON.stringify(clientId), ...rooms));
  }

  override setAttributes(realm: string, id: string, attributes: Attributes): Promise<Room> {
    return this.change('setRoomAttributes', qualified(realm, id), attributesText(attributes));
  }

  override leave(realm: string, id: string, clientId: string): Promise<Room> {
    return this.change('leaveRoom', qualified(realm, id), JSON.stringify(clientId));
  }

  override end(realm: string, id: string, by?: string): Promise<Room> {
    return this.change('endRoom', qualified(realm, id), ...(by === undefined ? [] : [JSON.stringify(by)]));
  }

  override async move(realm: string, clientId: string, _node: string, rooms: readonly string[]): Promise<Room[]> {
    if (rooms.length === 0) return [];
    const names = rooms.map((id) => qualified(realm, id));
    return roomsOf(await this.operations.run('moveMember', JSON.stringify(clientId), ...names));
  }

  override restore(node: string, isMember: IsMember): Promise<void> {
    return this.restorer.restore(node, isMember);
  }

  override async find(realm: string, id: string): Promise<Room | undefined> {
    return (await this.load([qualified(realm, id)]))[0];
  }

  override async existing(realm: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
    if (ids.length === 0) return new Set();
    const names = ids.map((id) => qualified(realm, id));
    const found = (await this.redis.run('findExistingRooms', this.keys.rooms.base, ...names)) as number[];
    return new Set(ids.filter((_, at) => found[at] === 1));
  }

  override async list(query: RoomQuery): Promise<Page<Room>> {
    return scoredPage(query, {
      after: async (score, count) => pairs(await this.namesAfter(score, count)),
      matchesName: nameFilter(query),
      load: (names) => this.load(names),
      matches: () => true,
    });
  }

  override async realms(query: PageQuery): Promise<Page<RealmCount>> {
    return realmPage([await this.redis.ask((client) => client.hgetall(this.keys.rooms.realms))], query);
  }

  override count(): Promise<number> {
    return this.redis.ask((client) => client.zcard(this.keys.rooms.order));
  }

  /**
   * Removes the members of a dead node from their rooms while this node holds the lease.
   * @param isLost whether `lostMembers` keeps them
   */
  removeMembersOf(node: string, renewLease: RenewLease, isLost: boolean): Promise<void> {
    return removeInBatches(REMOVED_AT_ONCE, renewLease, (limit) => {
      return this.redis.run('removeMembersOf', this.keys.rooms.base, ...UNREQUESTED, node, limit, isLost ? 1 : 0);
    });
  }

  /** The removed members of a dead node that are still to be reported. */
  lostMembers(node: string): LostEntries<LostMember> {
    return new LostEntries(this.redis, this.keys.rooms.lost(node), (text) => JSON.parse(text) as LostMember);
  }

  /** Deletes the rooms that are left when the last node stops: permanent ones. */
  async clear(): Promise<void> {
    const { base } = this.keys.rooms;
    while ((await this.redis.run('deleteRooms', base, ...UNREQUESTED, REMOVED_AT_ONCE)) !== 0);
  }

  private async change(script: RoomScript, ...args: readonly (string | number)[]): Promise<Room> {
    const [applied] = await this.operations.run(script, ...args);
    if (!applied?.room) throw new DomainError('UNAVAILABLE', {});
    return applied.room;
  }

  private async load(names: readonly string[]): Promise<(Room | undefined)[]> {
    if (names.length === 0) return [];
    const states = (await this.redis.run('findRooms', this.keys.rooms.base, ...names)) as string[];
    return states.map((text) => (text === '' ? undefined : replicaOf(JSON.parse(text) as RoomState).room));
  }

  private namesAfter(after: number, count: number): Promise<string[]> {
    return this.redis.ask((client) =>
      client.zrange(this.keys.rooms.order, `(${after}`, '+inf', 'BYSCORE', 'LIMIT', 0, count, 'WITHSCORES'),
    );
  }
}

function roomsOf(applied: readonly Applied[]): Room[] {
  return applied.flatMap(({ room }) => room ?? []);
}
