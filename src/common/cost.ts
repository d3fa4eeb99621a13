/** What a frame has led to. */
export interface Effort {
  /** Bytes that were written, to all receivers together. */
  readonly bytes?: number;
  /** Clients that were written to. */
  readonly receivers?: number;
  /** Rooms, or other entries of a store, that were looked up or changed. */
  readonly entries?: number;
}

/** How much of each costs as much as a small frame. */
const BYTES_PER_TOKEN = 16_384;
const RECEIVERS_PER_TOKEN = 32;
const ENTRIES_PER_TOKEN = 4;

/** Tokens that a client pays for what a frame of it has led to; 0 for what any frame may lead to. */
export function costOf({ bytes = 0, receivers = 0, entries = 0 }: Effort): number {
  return Math.floor(bytes / BYTES_PER_TOKEN + receivers / RECEIVERS_PER_TOKEN + entries / ENTRIES_PER_TOKEN);
}
