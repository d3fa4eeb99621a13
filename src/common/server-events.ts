import { EventEmitter } from 'node:events';
import { Injectable } from '@nestjs/common';
import type { EndReason } from './end-reason.js';
import type { UserView } from './identity.js';

/** A client of this node that has connected or disconnected. */
export interface ClientEvent extends UserView {
  readonly realm: string;
  readonly id: string;
  readonly protocol: string;
  /** IP address. */
  readonly address: string;
  /** Name of the client's node. */
  readonly node: string;
}

/** A room that a client of this node, or the server itself, has changed. */
export interface RoomEvent {
  readonly realm: string;
  readonly room: string;
  /** Name of the node. */
  readonly node: string;
}

/** A client of this node that has joined or left a room. */
export interface MemberEvent extends RoomEvent {
  readonly client: string;
  /** The client's user; absent if it has none. */
  readonly user?: string;
}

/** The arguments of each event's listeners, by the event's name. */
export interface ServerEventMap {
  clientConnected: [ClientEvent];
  clientDisconnected: [ClientEvent & { readonly reason: EndReason; readonly durationMs: number }];
  roomCreated: [RoomEvent];
  roomEnded: [RoomEvent];
  roomJoined: [MemberEvent];
  roomLeft: [MemberEvent];
}

export type ServerEventName = keyof ServerEventMap;

/** Names of all events. */
export const SERVER_EVENTS: readonly ServerEventName[] = [
  'clientConnected',
  'clientDisconnected',
  'roomCreated',
  'roomEnded',
  'roomJoined',
  'roomLeft',
];

/** A listener for an event. If it returns a promise, its rejection is logged; other results are ignored. */
export type ServerEventListener<E extends ServerEventName> = (...args: ServerEventMap[E]) => unknown;

/**
 * Events of this node for the modules of an application. Listeners run synchronously and must be fast; promises that
 * they return are not awaited. An error of a listener affects neither the server nor other listeners.
 */
@Injectable()
export class ServerEvents {
  private readonly emitter = new EventEmitter<ServerEventMap>().setMaxListeners(0);

  /** @param onListenerError receives errors and rejections of listeners */
  constructor(private readonly onListenerError: (name: ServerEventName, error: unknown) => void) {}

  on<E extends ServerEventName>(name: E, listener: ServerEventListener<E>): void {
    this.emitter.on(name, listener as never);
  }

  off<E extends ServerEventName>(name: E, listener: ServerEventListener<E>): void {
    this.emitter.off(name, listener as never);
  }

  /** @internal */
  emit<E extends ServerEventName>(name: E, ...args: ServerEventMap[E]): void {
    for (const listener of this.emitter.listeners(name)) {
      try {
        const outcome = (listener as ServerEventListener<E>)(...args);
        // Promise.resolve also takes thenables, which some libraries return.
        if (outcome !== undefined) {
          Promise.resolve(outcome).catch((error: unknown) => this.onListenerError(name, error));
        }
      } catch (error) {
        this.onListenerError(name, error);
      }
    }
  }
}
