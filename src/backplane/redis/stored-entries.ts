import type { ClientEntry, OwnClaim } from '../../clients/client-directory.js';
import { isCounted } from './user-places.js';

/** What Redis stores of a claim. */
export interface Stored {
  readonly entry: ClientEntry;
  /** Whether the client is counted for its user. */
  readonly isCounted: boolean;
}

/** Returns the text that Redis stores of a claim. */
export function valueOf(claim: OwnClaim): string {
  return JSON.stringify(isCounted(claim) ? { ...claim.entry, isCounted: true } : claim.entry);
}

/** The reverse of `valueOf`. */
export function storedOf(value: string): Stored {
  const { isCounted = false, ...entry } = JSON.parse(value) as ClientEntry & { readonly isCounted?: boolean };
  return { entry, isCounted };
}

/** Returns the entry behind the session, node and protocol that `claim-id.lua` stores for the scripts. */
export function entryOf(value: string): ClientEntry {
  return storedOf(value.slice(value.indexOf('{'))).entry;
}
