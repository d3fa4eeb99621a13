import type { EndReason, Goodbye } from '../common/end-reason.js';
import type { Traffic } from '../common/traffic.js';

/** What a client needs of its connection, whatever carries the messages. */
export interface ClientConnection {
  /** IP address of the client. */
  readonly address: string;
  /** Number of frames, pongs and other signs of life that the client has sent. */
  readonly signsOfLife: number;
  /** Why the connection has ended, or is ending; undefined while it is in use. */
  readonly endReason?: EndReason;
  readonly traffic: Traffic;
  /** Whether a sender may write a signal of this size: it may fill only a share of what waits for the client. */
  admits(sender: string, bytes: number): boolean;
  /** Charges the client for the effects of its message, in tokens (`costOf`). */
  charge(tokens: number): void;
  /** Sets how many frames per second the client may send in the long run. */
  limitRate(framesPerSecond: number): void;
  /**
   * Resolves as `ask` does, which may wait for an application and never resolve. The connection's end ends the wait, and
   * aborts the signal that `ask` gets.
   * @throws DomainError NOT_AUTHORIZED if the connection has ended, or ends meanwhile
   */
  whileOpen<T>(ask: (gone?: AbortSignal) => T | Promise<T>): Promise<T>;
  /** Answers a message that has failed after its handler returned. */
  failed(error: unknown): void;
  /**
   * Ends the connection and tells the client why.
   * @param words the reason in words of an administrator, if the client hears them
   */
  end(reason: Goodbye, words?: string): void;
}
