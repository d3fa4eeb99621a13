import { isUnavailable } from '../common/domain-error.js';
import type { EventCursors } from '../events/event-cursors.js';

/** Time after which another node takes over a reader whose node is dead. */
const LEASE_MS = 5000;
/** Interval of renewals, and of attempts to get a reader that another node has. */
const BEAT_MS = 1000;
/** Delay before progress is saved. What was delivered within it is delivered again if the node dies. */
const SAVE_MS = 100;

/** What a node does while it has a reader. */
export interface Tenure {
  /**
   * Begins to read.
   * @param state that was saved last; undefined if there is none
   * @throws DomainError UNAVAILABLE
   */
  begin(state: string | undefined): Promise<void>;
  /** Ends at once, because another node may have the reader. */
  end(): void;
  /** The state to save. */
  state(): string;
}

/** The lease of one reader of the journal: gets it when no other node has it, renews it, and saves the state. */
export class ReaderLease {
  private timer?: NodeJS.Timeout;
  private saving?: NodeJS.Timeout;
  private beating?: Promise<void>;
  private isHeld = false;
  private isStopped = false;
  /** Time until which no other node can have the reader, of `performance.now()`. */
  private until = -Infinity;

  constructor(
    private readonly cursors: EventCursors,
    private readonly reader: string,
    private readonly owner: string,
    private readonly tenure: Tenure,
  ) {}

  /** Whether this node, and no other one, has the reader now. */
  get isValid(): boolean {
    return this.isHeld && performance.now() < this.until;
  }

  /** Resolves after an attempt to get the reader. Others follow until the node has it. */
  async start(): Promise<void> {
    this.timer ??= setInterval(() => void this.renew(), BEAT_MS);
    await this.renew();
  }

  /** Gets or renews the lease, and saves the state. Never rejects. */
  renew(): Promise<void> {
    this.beating ??= this.beat().finally(() => (this.beating = undefined));
    return this.beating;
  }

  /** Saves the state within 100 ms. */
  saveSoon(): void {
    this.saving ??= setTimeout(() => {
      this.saving = undefined;
      void this.renew();
    }, SAVE_MS);
  }

  /** Saves the state and lets other nodes have the reader. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    clearTimeout(this.saving);
    await this.beating;
    if (!this.isHeld) return;
    const state = this.tenure.state();
    this.lose();
    try {
      await this.cursors.save(this.reader, this.owner, state, LEASE_MS);
      await this.cursors.release(this.reader, this.owner);
    } catch (error) {
      // The lease expires by itself.
      if (!isUnavailable(error)) throw error;
    }
  }

  private async beat(): Promise<void> {
    const startedAt = performance.now();
    try {
      const hasIt = this.isHeld ? await this.save() : await this.claim();
      if (hasIt) this.until = startedAt + LEASE_MS;
      else this.lose();
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      if (performance.now() > this.until) this.lose();
    }
  }

  private save(): Promise<boolean> {
    return this.cursors.save(this.reader, this.owner, this.tenure.state(), LEASE_MS);
  }

  private async claim(): Promise<boolean> {
    // A delivery that ends during `stop` still asks to be saved. It must not get the reader back.
    if (this.isStopped) return false;
    const claimed = await this.cursors.claim(this.reader, this.owner, LEASE_MS);
    if (!claimed) return false;
    this.until = performance.now() + LEASE_MS;
    await this.tenure.begin(claimed.state);
    this.isHeld = true;
    // Events that follow are not lost if this node dies now.
    return this.save();
  }

  private lose(): void {
    if (!this.isHeld) return;
    this.isHeld = false;
    this.tenure.end();
  }
}
