import type { Attributes } from './attributes.js';

/** A member of a room, wherever it is connected. */
export interface RoomMember {
  readonly id: string;
  /** Name of the node that it is connected to. */
  readonly node: string;
  /** Milliseconds since 1970. */
  readonly joinedAt: number;
  readonly attributes?: Attributes;
}

/** A room as it was after some change. Never altered: every change makes a new one. */
export interface Room {
  readonly realm: string;
  readonly id: string;
  readonly name: string;
  /** Absent if nobody, or no longer anybody, may end the room as its creator. */
  readonly creator?: string;
  /** Milliseconds since 1970: when its first member joined. */
  readonly since: number;
  /** In the order in which they joined. */
  readonly members: readonly RoomMember[];
  readonly attributes?: Attributes;
  /** Whether it stays when nobody is in it: until it is ended. */
  readonly isPermanent?: true;
  /** Grows with each change. */
  readonly version: number;
}

/** What happened in a room. `room` is its state afterwards; if it `ended`, its state at the end. */
export interface RoomChange {
  /** No client is told of rooms that were `created`, nor of clients that have `moved` to another node. */
  readonly kind: 'created' | 'joined' | 'left' | 'ended' | 'updated' | 'moved';
  /** Id of the client that it is about; absent if it concerns the room itself. */
  readonly client?: string;
  readonly room: Room;
}

/** Told of changes that belong together, each in a room in which clients of this node are, or were until then. */
export type RoomListener = (changes: readonly RoomChange[]) => void;
