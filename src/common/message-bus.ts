import type { DomainErrorCode, DomainErrorData } from './domain-error.js';
import type { ServerEventMap, ServerEventName } from './server-events.js';
import type { RoomSignal, Signal } from './signal.js';

/** What nodes tell one another. The version stands for the form of all messages. */
export type BusMessage =
  | {
      readonly version: 1;
      readonly type: 'signal';
      readonly realm: string;
      readonly to: string;
      readonly signal: Signal;
      /** Name of the sender's node. */
      readonly node: string;
      /** Whether it may wait if its target is absent. */
      readonly mayWait: boolean;
      /** How often it has been sent after a client that had moved on. */
      readonly moves: number;
    }
  /** A signal of a client of the receiving node could not be delivered. */
  | {
      readonly version: 1;
      readonly type: 'undelivered';
      readonly realm: string;
      /** Id of its sender. */
      readonly from: string;
      /** Id of its target. */
      readonly to: string;
      /** Why; absent if it has waited, or could not wait, for an absent client. */
      readonly error?: { readonly code: DomainErrorCode; readonly data: DomainErrorData[DomainErrorCode] };
    }
  /** Ids that the sending node has freed, and that may have been somebody's of the receiving one. */
  | {
      readonly version: 1;
      readonly type: 'freed';
      readonly ids: readonly { readonly realm: string; readonly id: string }[];
    }
  /** A client to which the receiving node has sent something is not where it was. */
  | { readonly version: 1; readonly type: 'gone'; readonly realm: string; readonly id: string; readonly node: string }
  /** For the members of a room on the receiving node. */
  | { readonly version: 1; readonly type: 'roomSignal'; readonly realm: string; readonly signal: RoomSignal }
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
  /** Something has happened on another node that the receiving one watches. */
  | {
      readonly version: 1;
      readonly type: 'event';
      readonly name: ServerEventName;
      readonly event: ServerEventMap[ServerEventName][0];
    };

export type BusMessageType = BusMessage['type'];
export type BusMessageOf<T extends BusMessageType> = Extract<BusMessage, { type: T }>;

/**
 * Port: hands a message to another node. What one node sends to another one arrives once and in order.
 */
export abstract class MessageBus {
  private readonly listeners = new Map<BusMessageType, (message: BusMessage) => void>();
  private onLost?: (signal: BusMessageOf<'signal'>) => void;
  private onFailure?: (error: unknown) => void;

  /**
   * @returns whether the message was handed over: false if there is no such node
   * @throws DomainError UNAVAILABLE if it may or may not have been
   */
  abstract send(node: string, message: BusMessage): Promise<boolean>;

  /** Whether whoever sends something to a node should wait until it is handed over: much waits already, or it may fail. */
  isBehind(_node: string): boolean {
    return false;
  }

  /** Names of all nodes that are there, this one included. */
  abstract nodes(): Promise<string[]>;

  /** Sets who receives the messages of one type that come to this node. */
  onMessage<T extends BusMessageType>(type: T, listener: (message: BusMessageOf<T>) => void): void {
    this.listeners.set(type, listener as (message: BusMessage) => void);
  }

  /** Sets who takes care of signals to a node that has died and may not have read them. */
  onUndelivered(listener: (signal: BusMessageOf<'signal'>) => void): void {
    this.onLost = listener;
  }

  /** Sets who hears of what a listener has thrown. The messages behind it are handled as any others. */
  onError(listener: (error: unknown) => void): void {
    this.onFailure = listener;
  }

  protected giveBack(signal: BusMessageOf<'signal'>): void {
    this.attempt(() => this.onLost?.(signal));
  }

  protected receive(message: BusMessage): void {
    this.attempt(() => this.listeners.get(message.type)?.(message));
  }

  /** Does a part of a batch; returns undefined if that throws. */
  protected attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.onFailure?.(error);
      return undefined;
    }
  }
}
