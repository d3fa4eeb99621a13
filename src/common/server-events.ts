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

/** What listens to an event; whatever it returns is only looked at for a promise that rejects. */
export type ServerEventListener<E extends ServerEventName> = (...args: ServerEventMap[E]) => unknown;

/**
 * Tells an application's own modules what happens on this node. Listeners are called at once and must not take long; nobody
 * waits for the promise of one that is async. A listener that throws or rejects harms neither the server nor other listeners.
 */
@Injectable()
export class ServerEvents {
  private readonly emitter = new EventEmitter<ServerEventMap>().setMaxListeners(0);

  /** @param onListenerError gets what a listener throws, or rejects with */
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
        // Also what is only like a promise, as those of some libraries are.
        if (outcome !== undefined) {
          Promise.resolve(outcome).catch((error: unknown) => this.onListenerError(name, error));
        }
      } catch (error) {
        this.onListenerError(name, error);
      }
    }
  }
}
