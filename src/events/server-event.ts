import type { EndReason } from '../common/end-reason.js';
import type { DEFAULT_EVENTS, EventPattern } from '../common/event-types.js';
import type { UserView } from '../common/identity.js';
import type { SignalKind } from '../common/signal.js';

/** What every event has. */
export interface EventHead {
  /** Unique. Has neither spaces nor line breaks. */
  readonly id: string;
  /** Time of the event, in the format of ISO 8601. */
  readonly at: string;
  /** Name of the node. For what a dead node has lost: the name of the dead node. */
  readonly node: string;
  /** Empty for an event that belongs to no realm. */
  readonly realm: string;
}

/** A connection of a client. */
export interface ClientEventData extends UserView {
  /** Id of the client. */
  readonly client: string;
  /** Unique for each connection: a client that comes back with the same id has another session. */
  readonly session: string;
  readonly protocol: string;
  /** IP address. */
  readonly address: string;
  /** The User-Agent header of the connection's request, without what is beyond 256 characters. */
  readonly userAgent?: string;
  /** The Origin header of the connection's request, without what is beyond 256 characters. */
  readonly origin?: string;
}

/** A client has connected. */
export interface ClientConnected extends EventHead, ClientEventData {
  readonly type: 'client.connected';
}

/** Why a client is no longer connected. */
export type DisconnectReason = EndReason | 'node lost';

/** A client has disconnected. What a node has counted is lost with the node. */
export interface ClientDisconnected extends EventHead, ClientEventData {
  readonly type: 'client.disconnected';
  readonly reason: DisconnectReason;
  readonly durationMs: number;
  readonly framesIn?: number;
  readonly framesOut?: number;
  readonly bytesIn?: number;
  readonly bytesOut?: number;
}

/** A request for a connection, or a client, was refused. */
export interface ClientRefused extends EventHead {
  readonly type: 'client.refused';
  /** Absent if the request was refused before its protocol was known. */
  readonly protocol?: string;
  /** IP address. */
  readonly address: string;
  /** The HTTP status, or the error code of the server; with a colon, the reason: why a token was refused, or `blocked`. */
  readonly reason: string;
  /** Number of refusals on this node since its last event of this type that have no event of their own. */
  readonly suppressed: number;
}

export interface RoomCreated extends EventHead {
  readonly type: 'room.created';
  readonly room: string;
  /** Display name. */
  readonly name: string;
  /** Id of the client; absent for a room that the server has created. */
  readonly creator?: string;
}

/** Why a room no longer exists: its last member has left, its creator has ended it, or the server has. */
export type RoomEndReason = 'empty' | 'ended by creator' | 'removed';

export interface RoomEnded extends EventHead {
  readonly type: 'room.ended';
  readonly room: string;
  readonly name: string;
  readonly reason: RoomEndReason;
}

/** A membership of a connection. */
export interface MemberEventData {
  readonly room: string;
  /** Id of the client. */
  readonly client: string;
  /** Session of the client; absent if a dead node has lost it. */
  readonly session?: string;
  readonly user?: string;
  /** Number of members after the change, on all nodes. */
  readonly members: number;
}

export interface RoomJoined extends EventHead, MemberEventData {
  readonly type: 'room.joined';
  /** `replaced`: the client has taken over the id, and the memberships, of another session. */
  readonly reason: 'joined' | 'replaced';
}

/**
 * Why a client is no longer in a room. `replaced`: another session has taken over its id; `not permitted`: its new
 * token does not allow the room.
 */
export type LeaveReason =
  'left' | 'removed' | 'disconnected' | 'replaced' | 'not permitted' | 'room ended' | 'node lost';

export interface RoomLeft extends EventHead, MemberEventData {
  readonly type: 'room.left';
  readonly reason: LeaveReason;
}

export interface NodeJoined extends EventHead {
  readonly type: 'node.joined';
}

export interface NodeLeft extends EventHead {
  readonly type: 'node.left';
  readonly reason: 'stopped' | 'died';
}

/** A signal was sent. Events have no payloads. */
export interface SignalRelayed extends EventHead {
  readonly type: 'signal.relayed';
  readonly kind: SignalKind;
  /** Id of the sender. */
  readonly from: string;
  /** Id of the target; absent for a signal to a room. */
  readonly to?: string;
  readonly room?: string;
}

/** The events by their types. */
export interface ServerEventMap {
  'client.connected': ClientConnected;
  'client.disconnected': ClientDisconnected;
  'client.refused': ClientRefused;
  'room.created': RoomCreated;
  'room.ended': RoomEnded;
  'room.joined': RoomJoined;
  'room.left': RoomLeft;
  'node.joined': NodeJoined;
  'node.left': NodeLeft;
  'signal.relayed': SignalRelayed;
}

export type ServerEventType = keyof ServerEventMap;

/** An event of the server. Its `type` decides which members it has. */
export type ServerEvent = ServerEventMap[ServerEventType];

/** The types that a pattern stands for. */
export type EventTypeOf<P extends EventPattern> = P extends '*'
  ? (typeof DEFAULT_EVENTS)[number]
  : P extends `${infer G}.*`
    ? Extract<ServerEventType, `${G}.${string}`>
    : P;

/** The events that a pattern stands for. */
export type EventOf<P extends EventPattern> = ServerEventMap[EventTypeOf<P> & ServerEventType];

/** The reverse of `JSON.stringify`, for events that a node of this cluster has written. */
export function parseEvent(text: string): ServerEvent {
  return JSON.parse(text) as ServerEvent;
}
