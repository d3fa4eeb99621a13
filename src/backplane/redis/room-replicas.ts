import type { Attributes } from '../../common/attributes.js';
import { RealmMap } from '../../common/realm-map.js';
import type { Room, RoomChange, RoomMember } from '../../common/room.js';

/** A member as scripts publish it; `sequence` is its place in the order of joining. */
type MemberTuple = readonly [
  sequence: number,
  id: string,
  node: string,
  joinedAt: number,
  attributes: Attributes | null,
];

/** A room as scripts publish it. */
export interface RoomState extends Omit<Room, 'members'> {
  readonly members: readonly MemberTuple[];
}

/** A change as scripts publish it. */
export interface StoredChange {
  readonly kind: RoomChange['kind'] | 'restored' | 'inspected';
  readonly name: readonly [realm: string, id: string];
  readonly version: number;
  readonly client?: string;
  readonly member?: MemberTuple;
  readonly attributes?: Attributes;
  /** The room after the change, for a node that had no replica of it. */
  readonly state?: RoomState;
}

/** Outcome of a change: the changes to announce on this node, and the room after them. */
export interface Applied {
  readonly changes: readonly RoomChange[];
  readonly room?: Room;
}

interface Replica {
  readonly room: Room;
  /** For each member its place in the order of joining. */
  readonly sequences: readonly number[];
}

/** Replicas of the rooms that have members on this node. Changes from Redis, applied in order, keep them up to date. */
export class RoomReplicas {
  private readonly replicas = new RealmMap<Replica>();

  constructor(private readonly node: string) {}

  /** Applies a change. */
  apply(change: StoredChange): Applied {
    const { kind, name, client, state } = change;
    const [realm, id] = name;
    const before = this.replicas.get(realm, id);
    if (kind === 'inspected' || (kind === 'restored' && state)) return this.compare(change, before);
    const after = state ? replicaOf(state) : before && changed(before, change);
    // This node has no member in the room any more, or none yet again.
    if (!after) return { changes: [] };
    this.store(after, kind === 'ended');
    const { room } = after;
    if (kind !== 'restored') return { changes: [{ kind, client, room }], room };
    return { changes: newcomers(before, after).includes(client!) ? [{ kind: 'joined', client, room }] : [], room };
  }

  /** Returns the replica of a room, as of the last change that this node has applied. */
  find(realm: string, id: string): Replica | undefined {
    return this.replicas.get(realm, id);
  }

  /** Returns realm and id of each room. */
  names(): readonly { readonly realm: string; readonly id: string }[] {
    return [...this.replicas.all()].map(({ room: { realm, id } }) => ({ realm, id }));
  }

  /**
   * Replaces a replica by the state of the room in Redis, and returns the differences as changes. Missing members count
   * as gone only after an inspection: until then their nodes may still be restoring them.
   */
  private compare({ kind, state }: StoredChange, before: Replica | undefined): Applied {
    if (!state) return { changes: [] };
    const stored = replicaOf(state);
    const missing = (before?.room.members ?? []).filter(
      ({ id }) => !stored.room.members.some((member) => member.id === id),
    );
    const after = kind === 'inspected' || !before ? stored : merged(before, stored, missing);
    this.store(after, false);
    if (!before) return { changes: [], room: after.room };
    const { room } = after;
    const left = kind === 'inspected' ? missing.map(({ id }) => ({ kind: 'left', client: id, room }) as const) : [];
    const joined = newcomers(before, after).map((id) => ({ kind: 'joined', client: id, room }) as const);
    return { changes: [...left, ...joined], room };
  }

  private store(replica: Replica, isEnded: boolean): void {
    const { realm, id, members } = replica.room;
    const isHere = !isEnded && members.some(({ node }) => node === this.node);
    if (isHere) this.replicas.set(realm, id, replica);
    else this.replicas.delete(realm, id);
  }
}

/** Returns a room with its members in the order in which they joined. */
export function replicaOf({ members, ...rest }: RoomState): Replica {
  const inOrder = [...members].sort(([a], [b]) => a - b);
  const room = { ...rest, members: inOrder.map(memberOf) };
  return { room, sequences: inOrder.map(([sequence]) => sequence) };
}

function memberOf([, id, node, joinedAt, attributes]: MemberTuple): RoomMember {
  return Object.freeze({ id, node, joinedAt, attributes: attributes ?? undefined });
}

function changed({ room, sequences }: Replica, { kind, version, client, member, attributes }: StoredChange): Replica {
  if (kind === 'left') {
    const at = room.members.findIndex(({ id }) => id === client);
    const creator = room.creator === client ? undefined : room.creator;
    return without({ room: { ...room, version, creator }, sequences }, at);
  }
  if (member) return { ...withMember({ room, sequences }, member, version) };
  if (attributes) return { room: { ...room, version, attributes }, sequences };
  return { room: { ...room, version }, sequences };
}

function withMember(replica: Replica, member: MemberTuple, version: number): Replica {
  const [sequence, id] = member;
  const at = replica.room.members.findIndex((present) => present.id === id);
  if (at !== -1 && replica.sequences[at] === sequence) {
    const { room, sequences } = replica;
    return { room: { ...room, version, members: room.members.with(at, memberOf(member)) }, sequences };
  }
  const { room, sequences } = at === -1 ? replica : without(replica, at);
  const place = sequences.findLastIndex((earlier) => earlier <= sequence) + 1;
  return {
    room: { ...room, version, members: room.members.toSpliced(place, 0, memberOf(member)) },
    sequences: sequences.toSpliced(place, 0, sequence),
  };
}

function without({ room, sequences }: Replica, at: number): Replica {
  if (at === -1) return { room, sequences };
  return { room: { ...room, members: room.members.toSpliced(at, 1) }, sequences: sequences.toSpliced(at, 1) };
}

/** Returns the ids of members that have joined since `before`, or left and joined again. */
function newcomers(before: Replica | undefined, { room, sequences }: Replica): string[] {
  const places = new Map(before?.room.members.map(({ id }, at) => [id, before.sequences[at]]));
  return room.members.flatMap(({ id }, at) => (places.get(id) === sequences[at] ? [] : id));
}

/** Returns the state in Redis with the members that are missing there in their former places. */
function merged(before: Replica, stored: Replica, missing: readonly RoomMember[]): Replica {
  return missing.reduce<Replica>((replica, { id, node, joinedAt, attributes = null }) => {
    const sequence = before.sequences[before.room.members.findIndex((member) => member.id === id)]!;
    return withMember(replica, [sequence, id, node, joinedAt, attributes], stored.room.version);
  }, stored);
}
