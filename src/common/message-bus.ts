import type { RoomChange } from './room.js';
import type { RoomSignal, Signal } from './signal.js';

/** What nodes tell one another. The version stands for the form of all messages. */
export type BusMessage =
  | {
      readonly version: 1;
      readonly type: 'signal';
      readonly realm: string;
      readonly to: string;
      readonly signal: Signal;
    }
  /** For the members of a room on the receiving node. */
  | { readonly version: 1; readonly type: 'roomSignal'; readonly realm: string; readonly signal: RoomSignal }
  /** Changes that belong together, for the members on the receiving node. */
  | { readonly version: 1; readonly type: 'rooms'; readonly changes: readonly RoomChange[] }
  | {
      readonly version: 1;
      readonly type: 'call';
      /** Name of the node that asks. */
      readonly from: string;
      readonly call: number;
      readonly method: string;
      readonly argument: unknown;
    }
  | { readonly version: 1; readonly type: 'reply'; readonly call: number; readonly result: unknown }
  /** The id of this session was taken over by a client of another node. */
  | {
      readonly version: 1;
      readonly type: 'replaced';
      readonly realm: string;
      readonly id: string;
      readonly session: number;
    };

export type BusMessageType = BusMessage['type'];
export type BusMessageOf<T extends BusMessageType> = Extract<BusMessage, { type: T }>;

/**
 * Port: hands a message to another node. What one node sends to another one arrives once and in order.
 */
export abstract class MessageBus {
  private readonly listeners = new Map<BusMessageType, (message: BusMessage) => void>();

  /** @throws DomainError UNAVAILABLE if the message could not be handed over */
  abstract send(node: string, message: BusMessage): Promise<void>;

  /** Names of all nodes that are there, this one included. */
  abstract nodes(): Promise<string[]>;

  /** Sets who receives the messages of one type that come to this node. */
  onMessage<T extends BusMessageType>(type: T, listener: (message: BusMessageOf<T>) => void): void {
    this.listeners.set(type, listener as (message: BusMessage) => void);
  }

  protected receive(message: BusMessage): void {
    this.listeners.get(message.type)?.(message);
  }
}
