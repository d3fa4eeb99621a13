import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DomainError } from '../common/domain-error.js';
import type { Block } from './block-store.js';
import { BlockedRanges } from './blocked-ranges.js';

/** Why a client is refused, in logs, metrics and events. Never shown to the client. */
export const BLOCKED = 'blocked';

/** Longest time of a timer: Node.js has none above 24 days. */
const MAX_TIMER_MS = 3_600_000;

interface HeldBlock extends Block {
  /** Of `performance.now()`. */
  readonly endsAt: number;
}

/** This node's copy of the blocks, which connects are checked against without a wait. */
@Injectable()
export class BlocksHere implements OnApplicationShutdown {
  /** Whether there is a block. Without one, a connect reads nothing else. */
  isActive = false;
  private blocks: readonly HeldBlock[] = [];
  private addresses = new BlockedRanges();
  /** When the blocks of users end. */
  private users = new Map<string, number>();
  private timer?: NodeJS.Timeout;

  /** Takes the blocks of the store, in the place of all others. */
  replace(blocks: readonly Block[]): void {
    const now = performance.now();
    this.blocks = blocks.map((block) => ({ ...block, endsAt: now + block.remainingMs }));
    this.compile();
  }

  /** Seconds, rounded up, for which an IP address is blocked; 0: it is not. */
  secondsOf(address: string): number {
    if (!this.isActive) return 0;
    return Math.max(0, Math.ceil((this.addresses.endOf(address) - performance.now()) / 1000));
  }

  /**
   * Refuses a client of a blocked user.
   * @throws DomainError NOT_AUTHORIZED
   */
  checkUser(realm: string, user: string | undefined): void {
    if (!this.isActive || user === undefined) return;
    const end = Math.max(this.users.get(keyOf(user, realm)) ?? 0, this.users.get(keyOf(user)) ?? 0);
    if (end > performance.now()) throw new DomainError('NOT_AUTHORIZED', { reason: BLOCKED });
  }

  onApplicationShutdown(): void {
    clearTimeout(this.timer);
  }

  /** Prepares the checks for the blocks that have not ended, until the next one ends. */
  private compile(): void {
    clearTimeout(this.timer);
    const now = performance.now();
    this.blocks = this.blocks.filter(({ endsAt }) => endsAt > now);
    this.isActive = this.blocks.length > 0;
    this.addresses = new BlockedRanges();
    this.users = new Map();
    for (const { address, user, realm, endsAt } of this.blocks) {
      if (user !== undefined) this.users.set(keyOf(user, realm), endsAt);
      if (address !== undefined) this.addresses.add(address, endsAt);
    }
    if (!this.isActive) return;
    const next = Math.min(...this.blocks.map(({ endsAt }) => endsAt)) - now;
    this.timer = setTimeout(() => this.compile(), Math.min(Math.ceil(next), MAX_TIMER_MS)).unref();
  }
}

function keyOf(user: string, realm?: string): string {
  return JSON.stringify([user, realm]);
}
