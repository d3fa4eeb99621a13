/** A reader that a node has been given. */
export interface ClaimedReader {
  /** What the node that read before has saved last; undefined if nothing is saved. */
  readonly state: string | undefined;
}

/**
 * Port: readers of the journal that one node at a time serves, and where they are. A reader has a name. All operations
 * are atomic. What is saved of a reader that no node claims is kept for `KEPT_MS`.
 */
export abstract class EventCursors {
  /**
   * Gives a reader to an owner for `leaseMs`, unless another owner has it. For the owner that has it, renews the lease.
   * @returns undefined if another owner has it
   * @throws DomainError UNAVAILABLE
   */
  abstract claim(reader: string, owner: string, leaseMs: number): Promise<ClaimedReader | undefined>;

  /**
   * Saves the state of a reader and renews the lease, if the owner has the reader.
   * @returns whether the owner has it
   * @throws DomainError UNAVAILABLE
   */
  abstract save(reader: string, owner: string, state: string, leaseMs: number): Promise<boolean>;

  /**
   * Ends the lease of an owner. Nothing happens if the owner does not have the reader.
   * @throws DomainError UNAVAILABLE
   */
  abstract release(reader: string, owner: string): Promise<void>;

  /**
   * What was saved last, by any owner.
   * @throws DomainError UNAVAILABLE
   */
  abstract find(reader: string): Promise<string | undefined>;
}

/** Time for which the state of a reader is kept after the last claim, in milliseconds: a week. */
export const KEPT_MS = 7 * 24 * 3_600_000;
