/** A block to make. It names an address or a user. */
export interface NewBlock {
  /** The same for the same address or user. */
  readonly id: string;
  /** An IP address, or a range in CIDR notation. */
  readonly address?: string;
  /** The `sub` of the user's tokens. */
  readonly user?: string;
  /** The only realm in which the user is blocked; undefined: all. */
  readonly realm?: string;
  readonly reason?: string;
  /** Name of the admin. */
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** A block in force. */
export interface Block extends NewBlock {
  /** Milliseconds since 1970, by the clock of the store. */
  readonly until: number;
  /** Time that is left, whatever the clock of this node says. */
  readonly remainingMs: number;
}

/** Port: the blocks of all nodes. All operations are atomic. */
export abstract class BlockStore {
  /**
   * Stores a block for a time, in the place of one with the same id.
   * @returns false if there are `max` others, and then nothing has changed
   * @throws DomainError UNAVAILABLE
   */
  abstract put(block: NewBlock, forMs: number, max: number): Promise<boolean>;

  /**
   * Ends a block.
   * @returns whether it was in force
   * @throws DomainError UNAVAILABLE
   */
  abstract remove(id: string): Promise<boolean>;

  /**
   * Returns the blocks in force, the next to end first. If the shared state has lost its contents, an implementation
   * puts back what this node has listed last.
   * @throws DomainError UNAVAILABLE
   */
  abstract list(): Promise<readonly Block[]>;
}
