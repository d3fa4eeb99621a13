import type { DomainErrorCode, DomainErrorData } from './domain-error.js';
import type { RoomSignal, Signal } from './signal.js';

/**
 * Messages between nodes. The version covers the format of all of them. A backplane carries messages without reading
 * them; `encodeMessage` and `decodeMessage` turn them into bytes and back.
 */
export type BusMessage =
  | {
      readonly version: 1;
      readonly type: 'signal';
      readonly realm: string;
      readonly to: string;
      readonly signal: Signal;
      /** Name of the sender's node. */
      readonly node: string;
      /** Whether the signal is queued if its target is absent. */
      readonly mayWait: boolean;
      /** Number of times that the signal was forwarded because its target had moved. */
      readonly moves: number;
    }
  /** A signal from a client of the receiving node was not delivered. */
  | {
      readonly version: 1;
      readonly type: 'undelivered';
      readonly realm: string;
      /** Id of the signal's sender. */
      readonly from: string;
      /** Id of its target, or of its room. */
      readonly to: string;
      /** Absent if the signal has expired, or could not be queued. */
      readonly error?: { readonly code: DomainErrorCode; readonly data: DomainErrorData[DomainErrorCode] };
    }
  /** Ids that the sending node has freed, and that clients of the receiving node may have. */
  | {
      readonly version: 1;
      readonly type: 'freed';
      readonly ids: readonly { readonly realm: string; readonly id: string }[];
    }
  /** A client to which the receiving node has sent signals has left the sending node. */
  | { readonly version: 1; readonly type: 'gone'; readonly realm: string; readonly id: string; readonly node: string }
  /** A signal to the members of a room on the receiving node. */
  | { readonly version: 1; readonly type: 'roomSignal'; readonly realm: string; readonly signal: RoomSignal }
  | {
      readonly version: 1;
      readonly type: 'call';
      /** Name of the calling node. */
      readonly from: string;
      readonly call: number;
      readonly method: string;
      readonly argument: unknown;
    }
  | { readonly version: 1; readonly type: 'reply'; readonly call: number; readonly result: unknown }
  /** JSON of the event of a signal that a client of the sending node has sent; the receiving node watches signals. */
  | { readonly version: 1; readonly type: 'relayed'; readonly event: string };

export type BusMessageType = BusMessage['type'];
export type BusMessageOf<T extends BusMessageType> = Extract<BusMessage, { type: T }>;

/**
 * Port: sends messages to other nodes. Each node has a bus of its own. Messages from one node to another arrive once
 * and in the order of the calls of `send`, whether or not the sender awaits them.
 */
export abstract class MessageBus {
  private readonly listeners = new Map<BusMessageType, (message: BusMessage) => void>();
  private returned?: (signal: BusMessageOf<'signal'>) => void;
  private onFailure?: (error: unknown) => void;

  /**
   * Sends a message to a node. Payload and attachments of a signal are views of a buffer that the server reuses: an
   * implementation encodes or copies them before it returns the promise. Listeners of the receiver never run within the
   * call.
   * @returns true if the node gets the message, or its signal is returned (`onReturned`); false if there is no such
   *   node
   * @throws DomainError UNAVAILABLE if the outcome is unknown
   */
  abstract send(node: string, message: BusMessage): Promise<boolean>;

  /**
   * Whether senders should await `send` to a node, because many messages are pending or sending may fail. Read for each
   * signal; the default is false.
   */
  isBehind(_node: string): boolean {
    return false;
  }

  /**
   * Names of all live nodes, this one included.
   * @throws DomainError UNAVAILABLE
   */
  abstract nodes(): Promise<string[]>;

  /** Sets the listener for received messages of one type. A message without a listener is dropped. */
  onMessage<T extends BusMessageType>(type: T, listener: (message: BusMessageOf<T>) => void): void {
    this.listeners.set(type, listener as (message: BusMessage) => void);
  }

  /** Sets the listener for signals to a dead node that may not have read them. */
  onReturned(listener: (signal: BusMessageOf<'signal'>) => void): void {
    this.returned = listener;
  }

  /** Sets the listener for errors of other listeners. An error does not affect later messages. */
  onError(listener: (error: unknown) => void): void {
    this.onFailure = listener;
  }

  /**
   * Passes a signal to the listener for returned ones. An implementation calls it on one live node for each signal that
   * a dead node has not read.
   */
  protected returnSignal(signal: BusMessageOf<'signal'>): void {
    this.attempt(() => this.returned?.(signal));
  }

  /** Passes a message from another node to its listener. An implementation calls it for each message, in order. */
  protected receive(message: BusMessage): void {
    this.attempt(() => this.listeners.get(message.type)?.(message));
  }

  /** Runs one part of a batch. If it throws, reports the error to `onError` and returns undefined. */
  protected attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.onFailure?.(error);
      return undefined;
    }
  }
}
