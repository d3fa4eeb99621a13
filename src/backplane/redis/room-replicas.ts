import type { Attributes } from '../../common/attributes.js';
import { RealmMap } from '../../common/realm-map.js';
import type { Room, RoomChange, RoomMember } from '../../common/room.js';

/** A member as the script tells of it: its place in the order of joining, id, node, when it joined, attributes. */
type MemberTuple = readonly [
  sequence: number,
  id: string,
  node: string,
  joinedAt: number,
  attributes: Attributes | null,
];

/** A whole room as the script tells of it. */
export interface RoomState extends Omit<Room, 'members'> {
  readonly members: readonly MemberTuple[];
}

/** A change as the script tells of it. */
export interface StoredChange {
  readonly kind: RoomChange['kind'] | 'restored' | 'inspected';
  readonly name: readonly [realm: string, id: string];
  readonly version: number;
  readonly client?: string;
  readonly member?: MemberTuple;
  readonly attributes?: Attributes;
  /** Only for a node that did not know the room before. */
  readonly state?: RoomState;
}

/** What has come of a change: news for the node, and the room after it. */
export interface Applied {
  readonly changes: readonly RoomChange[];
  readonly room?: Room;
}

interface Replica {
  readonly room: Room;
  /** The places of the members in the order of joining. */
  readonly sequences: readonly number[];
}

/** The rooms that have members on this node, kept up to date by the changes that come from Redis in order. */
export class RoomReplicas {
  private readonly replicas = new RealmMap<Replica>();

  constructor(private readonly node: string) {}

  /** Takes a change. */
  apply(change: StoredChange): Applied {
    const { kind, name, client, state } = change;
    const [realm, id] = name;
    const before = this.replicas.get(realm, id);
    if (kind === 'inspected' || (kind === 'restored' && state)) return this.compare(change, before);
    const after = state ? replicaOf(state) : before && changed(before, change);
    // News of a room in which nobody of this node is any more, or is not yet again.
    if (!after) return { changes: [] };
    this.keep(after, kind === 'ended');
    const { room } = after;
    if (kind !== 'restored') return { changes: [{ kind, client, room }], room };
    return { changes: newcomers(before, after).includes(client!) ? [{ kind: 'joined', client, room }] : [], room };
  }

  /** How a room was when this node has last heard of it, with the places of its members in the order of joining. */
  find(realm: string, id: string): Replica | undefined {
    return this.replicas.get(realm, id);
  }

  /** The names of all of them. */
  names(): readonly { readonly realm: string; readonly id: string }[] {
    return [...this.replicas.all()].map(({ room: { realm, id } }) => ({ realm, id }));
  }

  /**
   * Takes the whole state of a room, and finds out what has changed meanwhile. Members are missed only if it was looked at for
   * that: while others still put theirs back, they are not gone.
   */
  private compare({ kind, state }: StoredChange, before: Replica | undefined): Applied {
    if (!state) return { changes: [] };
    const seen = replicaOf(state);
    const missing = (before?.room.members ?? []).filter(({ id }) => !seen.room.members.some((its) => its.id === id));
    const after = kind === 'inspected' || !before ? seen : merged(before, seen, missing);
    this.keep(after, false);
    if (!before) return { changes: [], room: after.room };
    const { room } = after;
    const left = kind === 'inspected' ? missing.map(({ id }) => ({ kind: 'left', client: id, room }) as const) : [];
    const joined = newcomers(before, after).map((id) => ({ kind: 'joined', client: id, room }) as const);
    return { changes: [...left, ...joined], room };
  }

  private keep(replica: Replica, isEnded: boolean): void {
    const { realm, id, members } = replica.room;
    const isHere = !isEnded && members.some(({ node }) => node === this.node);
    if (isHere) this.replicas.set(realm, id, replica);
    else this.replicas.delete(realm, id);
  }
}

/** A room with its members in the order in which they joined. */
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
  const at = replica.room.members.findIndex((its) => its.id === id);
  if (at !== -1 && replica.sequences[at] === sequence) {
    const { room, sequences } = replica;
    return { room: { ...room, version, members: room.members.with(at, memberOf(member)) }, sequences };
  }
  const { room, sequences } = at === -1 ? replica : without(replica, at);
  const place = sequences.findLastIndex((its) => its <= sequence) + 1;
  return {
    room: { ...room, version, members: room.members.toSpliced(place, 0, memberOf(member)) },
    sequences: sequences.toSpliced(place, 0, sequence),
  };
}

function without({ room, sequences }: Replica, at: number): Replica {
  if (at === -1) return { room, sequences };
  return { room: { ...room, members: room.members.toSpliced(at, 1) }, sequences: sequences.toSpliced(at, 1) };
}

/** Who is new, or has gone and come again. */
function newcomers(before: Replica | undefined, { room, sequences }: Replica): string[] {
  const places = new Map(before?.room.members.map(({ id }, at) => [id, before.sequences[at]]));
  return room.members.flatMap(({ id }, at) => (places.get(id) === sequences[at] ? [] : id));
}

/** What was seen, with those who were not seen in their places. */
function merged(before: Replica, seen: Replica, missing: readonly RoomMember[]): Replica {
  return missing.reduce<Replica>((replica, { id, node, joinedAt, attributes = null }) => {
    const sequence = before.sequences[before.room.members.findIndex((member) => member.id === id)]!;
    return withMember(replica, [sequence, id, node, joinedAt, attributes], seen.room.version);
  }, seen);
}
