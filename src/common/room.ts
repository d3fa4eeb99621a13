import type { Attributes } from './attributes.js';

/** A member of a room, on any node. */
export interface RoomMember {
  readonly id: string;
  /** Name of the member's node. */
  readonly node: string;
  /** Milliseconds since 1970. */
  readonly joinedAt: number;
  readonly attributes?: Attributes;
}

/** The immutable state of a room after a change. */
export interface Room {
  readonly realm: string;
  readonly id: string;
  readonly name: string;
  /** Id of the creator; absent if the room was created without one, or the creator has left. */
  readonly creator?: string;
  /** Time of creation in milliseconds since 1970. */
  readonly since: number;
  /** In the order of joining. */
  readonly members: readonly RoomMember[];
  readonly attributes?: Attributes;
  /** Whether the room exists without members, until it is ended. */
  readonly isPermanent?: true;
  /**
   * Increases with each change of the room, on whichever node it is made. A room that is created again may begin anew.
   */
  readonly version: number;
}

/** A change of a room. `room` is the state after the change; for `ended`, the last state. */
export interface RoomChange {
  /** `created`, and `moved` (to another node), are not reported to clients. */
  readonly kind: 'created' | 'joined' | 'left' | 'ended' | 'updated' | 'moved';
  /** Id of the client that the change concerns; absent if it concerns the room itself. */
  readonly client?: string;
  readonly room: Room;
}

/** Receives changes that belong together. Clients of this node are, or were until the change, in each of the rooms. */
export type RoomListener = (changes: readonly RoomChange[]) => void;

/** Returns a copy for an application, which may change what it gets: the server keeps the room itself. */
export function copyOf(room: Room): Room {
  const members = room.members.map((member) => ({ ...member }));
  return { ...room, members, ...(room.attributes && { attributes: { ...room.attributes } }) };
}
