import type { ConnectAttempt } from '../common/identity.js';
import type { Claims } from './claims.js';

/** Checks the tokens of clients. */
export interface TokenAuthority {
  /** Whether the attempt has what this authority checks. */
  hasProof(attempt: ConnectAttempt): boolean;
  /**
   * Returns what the proof says about the client.
   * @param gone aborts when the client has gone, so that nobody waits for the answer
   * @throws DomainError UNAUTHENTICATED for a bad token; UNAVAILABLE if it cannot be checked
   */
  verify(attempt: ConnectAttempt, gone?: AbortSignal): Promise<Claims>;
  /** Ends its timers. */
  close(): void;
}
