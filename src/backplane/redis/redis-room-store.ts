import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { Attributes } from '../../common/attributes.js';
import { DomainError, isUnavailable } from '../../common/domain-error.js';
import { isGroupRoom } from '../../common/group.js';
import { NodeIdentity } from '../../common/node-identity.js';
import type { Page, PageQuery, RealmCount } from '../../common/page.js';
import type { Room, RoomChange, RoomListener, RoomMember } from '../../common/room.js';
import { settled } from '../../common/settled.js';
import { ClusterOptions } from '../../config/sections/cluster.options.js';
import {
  RoomStore,
  type Entered,
  type IsMember,
  type NewRoom,
  type RoomBounds,
  type RoomEntry,
  type RoomQuery,
} from '../../rooms/room-store.js';
import { Inboxes } from './inboxes.js';
import { Keys, qualified, unqualified } from './keys.js';
import { nameFilter, pairs, realmPage, scoredPage } from './pages.js';
import { reapInPieces, type IsOurs } from './reaping.js';
import { RedisConnection } from './redis-connection.js';
import { replicaOf, RoomReplicas, type Applied, type RoomState, type StoredChange } from './room-replicas.js';

/** Members of a dead node that are taken out of their rooms at once. */
const REAPED_AT_ONCE = 200;
/** Rooms that are put back, or looked at again, at once. */
const RESTORED_AT_ONCE = 200;

interface Pending {
  readonly resolve: (applied: readonly Applied[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * RoomStore on Redis. An operation is one script; what it has changed arrives in a stream of this node, in one order with the
 * changes of others, and only then the operation has ended.
 */
@Injectable()
export class RedisRoomStore extends RoomStore {
  private readonly replicas: RoomReplicas;
  private readonly pending = new Map<string, Pending>();
  private listener: RoomListener = () => undefined;
  private operations = 0;

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: Keys,
    private readonly node: NodeIdentity,
    private readonly options: ClusterOptions,
    inboxes: Inboxes,
  ) {
    super();
    this.replicas = new RoomReplicas(node.name);
    inboxes.onRoomChanges((text, operation) => this.receive(text, operation));
  }

  override listen(_node: string, listener: RoomListener): void {
    this.listener = listener;
  }

  override async create(room: NewRoom, creator: RoomMember | undefined, bounds: RoomBounds): Promise<Room> {
    const name = qualified(room.realm, room.id);
    const since = creator?.joinedAt ?? Date.now();
    const member = creator ? [JSON.stringify(creator.id)] : [];
    return this.change('create', name, headOf(room), since, ...roomBounds(bounds), ...member);
  }

  override async join(realm: string, id: string, member: RoomMember, { maxMembers }: RoomBounds): Promise<Room> {
    const { id: client, joinedAt, attributes } = member;
    return this.change('join', qualified(realm, id), JSON.stringify(client), joinedAt, textOf(attributes), maxMembers);
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
      textOf(attributes),
    ]);
    const client = JSON.stringify(member.id);
    const applied = await this.run('enter', client, member.joinedAt, ...roomBounds(bounds), ...rooms);
    return applied.map(({ room, changes }) => ({ room: room!, isNew: changes[0]?.kind === 'joined' }));
  }

  override async setMemberAttributes(
    realm: string,
    clientId: string,
    attributes: ReadonlyMap<string, Attributes>,
  ): Promise<Room[]> {
    const rooms = [...attributes].flatMap(([id, its]) => [qualified(realm, id), textOf(its)]);
    return roomsOf(await this.run('setMemberAttributes', JSON.stringify(clientId), ...rooms));
  }

  override setAttributes(realm: string, id: string, attributes: Attributes): Promise<Room> {
    return this.change('setAttributes', qualified(realm, id), textOf(attributes));
  }

  override leave(realm: string, id: string, clientId: string): Promise<Room> {
    return this.change('leave', qualified(realm, id), JSON.stringify(clientId));
  }

  override end(realm: string, id: string, by?: string): Promise<Room> {
    return this.change('end', qualified(realm, id), ...(by === undefined ? [] : [JSON.stringify(by)]));
  }

  override async move(realm: string, clientId: string, _node: string, rooms: readonly string[]): Promise<Room[]> {
    if (rooms.length === 0) return [];
    const names = rooms.map((id) => qualified(realm, id));
    return roomsOf(await this.run('move', JSON.stringify(clientId), ...names));
  }

  override async restore(node: string, isMember: IsMember): Promise<void> {
    await this.takeOutUnknown(node, isMember);
    await this.forEachKnown(({ realm, id }) => this.putBack(node, realm, id, isMember));
    // Others may still be putting theirs back: who is missing after that has gone.
    void this.lookAgain();
  }

  override async find(realm: string, id: string): Promise<Room | undefined> {
    return (await this.states([qualified(realm, id)]))[0];
  }

  override async existing(realm: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
    if (ids.length === 0) return new Set();
    const names = ids.map((id) => qualified(realm, id));
    const exist = (await this.redis.run('rooms', this.keys.rooms, 'existing', '', '', ...names)) as number[];
    return new Set(ids.filter((_, at) => exist[at] === 1));
  }

  override async list(query: RoomQuery): Promise<Page<Room>> {
    return scoredPage(query, {
      after: async (score, count) => pairs(await this.namesAfter(score, count)),
      matchesName: nameFilter(query),
      load: (names) => this.states(names),
      matches: () => true,
    });
  }

  override async realms(query: PageQuery): Promise<Page<RealmCount>> {
    return realmPage([await this.redis.ask((client) => client.hgetall(`${this.keys.rooms}realms`))], query);
  }

  override count(): Promise<number> {
    return this.redis.ask((client) => client.zcard(`${this.keys.rooms}order`));
  }

  /** Takes the members of a dead node out of their rooms, for as long as that is this node's task. */
  reap(node: string, isOurs: IsOurs): Promise<void> {
    return reapInPieces(REAPED_AT_ONCE, isOurs, (limit) => {
      return this.redis.run('rooms', this.keys.rooms, 'reap', '', '', node, limit);
    });
  }

  /** Ends what is left when no node is left: rooms that are permanent. */
  async clear(): Promise<void> {
    while ((await this.redis.run('rooms', this.keys.rooms, 'clear', '', '', REAPED_AT_ONCE)) !== 0);
  }

  private async change(operation: string, ...args: readonly (string | number)[]): Promise<Room> {
    const [{ room }] = await this.run(operation, ...args);
    if (!room) throw new DomainError('UNAVAILABLE', {});
    return room;
  }

  /**
   * Runs an operation, and waits until what it has changed was told here.
   * @throws DomainError for what the operation refuses; UNAVAILABLE
   */
  private async run(operation: string, ...args: readonly (string | number)[]): Promise<readonly Applied[]> {
    const number = String(++this.operations);
    const applied = new Promise<readonly Applied[]>((resolve, reject) => this.pending.set(number, { resolve, reject }));
    // It may be rejected before anybody waits for it.
    applied.catch(() => undefined);
    const timer = setTimeout(() => {
      this.redis.failures++;
      this.pending.get(number)?.reject(new DomainError('UNAVAILABLE', {}));
    }, this.options.redisTimeoutMs);
    try {
      const answer = await this.redis.run('rooms', this.keys.rooms, operation, this.node.name, number, ...args);
      if ((answer as string[])[0] === 'UNAVAILABLE') this.redis.failures++;
      refuse(answer as string[]);
      return await applied;
    } finally {
      clearTimeout(timer);
      this.pending.delete(number);
    }
  }

  private receive(text: string, operation: string | undefined): void {
    const batches = JSON.parse(text) as StoredChange[][];
    const applied = batches.map((batch) => batch.map((change) => this.replicas.apply(change)));
    for (const batch of applied) {
      const changes: RoomChange[] = batch.flatMap((its) => its.changes);
      if (changes.length > 0) this.listener(changes);
    }
    if (operation !== undefined) this.pending.get(operation)?.resolve(applied.flat());
  }

  private async states(names: readonly string[]): Promise<(Room | undefined)[]> {
    if (names.length === 0) return [];
    const states = (await this.redis.run('rooms', this.keys.rooms, 'find', '', '', ...names)) as string[];
    return states.map((text) => (text === '' ? undefined : replicaOf(JSON.parse(text) as RoomState).room));
  }

  private namesAfter(after: number, count: number): Promise<string[]> {
    return this.redis.ask((client) =>
      client.zrange(`${this.keys.rooms}order`, `(${after}`, '+inf', 'BYSCORE', 'LIMIT', 0, count, 'WITHSCORES'),
    );
  }

  /** Members that the store has on a node, and the node has not. */
  private async takeOutUnknown(node: string, isMember: IsMember): Promise<void> {
    const entries = await this.redis.ask((client) => client.smembers(`${this.keys.rooms}of:${node}`));
    for (const entry of entries) {
      const at = entry.lastIndexOf('\n');
      const { realm, id } = unqualified(entry.slice(0, at));
      const member = JSON.parse(entry.slice(at + 1)) as string;
      if (!isMember(realm, id, member)) await ignoringRefusals(this.leave(realm, id, member));
    }
  }

  private async putBack(node: string, realm: string, id: string, isMember: IsMember): Promise<void> {
    const replica = this.replicas.find(realm, id);
    if (!replica) return;
    const { room, sequences } = replica;
    const members = room.members.flatMap((member, at) => {
      if (member.node !== node || !isMember(realm, id, member.id)) return [];
      return [JSON.stringify(member.id), sequences[at], member.joinedAt, textOf(member.attributes)];
    });
    const { since, version, creator, attributes, isPermanent } = room;
    await this.run(
      'restore',
      qualified(realm, id),
      headOf(room),
      isGroupRoom(id) ? 1 : 0,
      since,
      version,
      creator === undefined ? '' : JSON.stringify(creator),
      textOf(attributes),
      isPermanent ? 1 : 0,
      ...members,
    );
  }

  private async lookAgain(): Promise<void> {
    await sleep(this.options.nodeTimeoutMs, undefined, { ref: false });
    // If Redis is away again, this is done again when it is back.
    await this.forEachKnown(({ realm, id }) => this.run('look', qualified(realm, id))).catch(() => undefined);
  }

  /** Does something with every room that has members here, with some of them at once. */
  private async forEachKnown(work: (name: { realm: string; id: string }) => Promise<unknown>): Promise<void> {
    const names = this.replicas.names();
    for (let at = 0; at < names.length; at += RESTORED_AT_ONCE) {
      await settled(names.slice(at, at + RESTORED_AT_ONCE).map(work));
    }
  }
}

function headOf({ realm, id, name }: NewRoom): string {
  return JSON.stringify({ realm, id, name }).slice(1, -1);
}

/** How many rooms there may be, whose share they count for, and how many of theirs there may be. */
function roomBounds({ maxRooms, address }: RoomBounds): readonly (string | number)[] {
  return [maxRooms, address?.group ?? '', address?.maxRooms ?? 0];
}

function textOf(attributes: Attributes | undefined): string {
  return attributes ? JSON.stringify(attributes) : '';
}

function roomsOf(applied: readonly Applied[]): Room[] {
  return applied.flatMap(({ room }) => room ?? []);
}

/** @throws DomainError for what the script has refused */
function refuse([code, about]: readonly string[]): void {
  switch (code) {
    case 'OK':
      return;
    case 'ROOMS_LIMIT':
      throw new DomainError('LIMIT_REACHED', { what: 'rooms', limit: Number(about) });
    case 'ADDRESS_LIMIT':
      throw new DomainError('LIMIT_REACHED', { what: 'rooms of an address', limit: Number(about) });
    case 'MEMBERS_LIMIT':
      throw new DomainError('LIMIT_REACHED', { what: 'members of a room', limit: Number(about) });
    case 'ROOM_EXISTS':
    case 'ROOM_NOT_FOUND':
    case 'ALREADY_IN_ROOM':
    case 'NOT_IN_ROOM':
    case 'NOT_ROOM_CREATOR':
      throw new DomainError(code, { room: unqualified(about).id });
    default:
      // This node has no stream: it has lost it, or was declared dead.
      throw new DomainError('UNAVAILABLE', {});
  }
}

async function ignoringRefusals(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (isUnavailable(error)) throw error;
  }
}
