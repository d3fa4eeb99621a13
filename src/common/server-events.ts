import { EventEmitter } from 'node:events';
import { Injectable } from '@nestjs/common';
import type { EndReason } from './end-reason.js';

/** A client of this node that has come or gone. */
export interface ClientEvent {
  readonly realm: string;
  readonly id: string;
  readonly protocol: string;
  /** IP address. */
  readonly address: string;
  /** Name of its node. */
  readonly node: string;
}

/** A room in which a client of this node, or the server, has changed something. */
export interface RoomEvent {
  readonly realm: string;
  readonly room: string;
  /** Name of the node. */
  readonly node: string;
}

/** A client of this node that has come into a room or left it. */
export interface MemberEvent extends RoomEvent {
  readonly client: string;
}

/** What happens, by the names of the events, with what their listeners get. */
export interface ServerEventMap {
  clientConnected: [ClientEvent];
  clientDisconnected: [ClientEvent & { readonly reason: EndReason; readonly durationMs: number }];
  roomCreated: [RoomEvent];
  roomEnded: [RoomEvent];
  roomJoined: [MemberEvent];
  roomLeft: [MemberEvent];
}

export type ServerEventName = keyof ServerEventMap;

/** All of them. */
export const SERVER_EVENTS: readonly ServerEventName[] = [
  'clientConnected',
  'clientDisconnected',
  'roomCreated',
  'roomEnded',
  'roomJoined',
  'roomLeft',
];

/**
 * Tells an application's own modules what happens on this node. Listeners are called at once and must not take long; what
 * they throw is caught, and logged by whoever set `onListenerError`.
 */
@Injectable()
export class ServerEvents {
  private readonly emitter = new EventEmitter<ServerEventMap>().setMaxListeners(0);
  onListenerError: (error: unknown) => void = () => undefined;

  on<E extends ServerEventName>(name: E, listener: (...args: ServerEventMap[E]) => void): void {
    this.emitter.on(name, listener as never);
  }

  off<E extends ServerEventName>(name: E, listener: (...args: ServerEventMap[E]) => void): void {
    this.emitter.off(name, listener as never);
  }

  /** @internal */
  emit<E extends ServerEventName>(name: E, ...args: ServerEventMap[E]): void {
    for (const listener of this.emitter.listeners(name)) {
      try {
        (listener as (...args: ServerEventMap[E]) => void)(...args);
      } catch (error) {
        this.onListenerError(error);
      }
    }
  }
}
