/** Work that a frame has caused. */
export interface Effort {
  /** Bytes written to all receivers together. */
  readonly bytes?: number;
  /** Number of clients written to. */
  readonly receivers?: number;
  /** Number of rooms or other entries of a store that were read or changed. */
  readonly entries?: number;
}

/** Amounts that cost as much as one small frame. */
const BYTES_PER_TOKEN = 16_384;
const RECEIVERS_PER_TOKEN = 32;
const ENTRIES_PER_TOKEN = 4;

/** Returns the tokens for the work that a frame has caused; 0 for an amount that every frame may cause. */
export function costOf({ bytes = 0, receivers = 0, entries = 0 }: Effort): number {
  return Math.floor(bytes / BYTES_PER_TOKEN + receivers / RECEIVERS_PER_TOKEN + entries / ENTRIES_PER_TOKEN);
}
