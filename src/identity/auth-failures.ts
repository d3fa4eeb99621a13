import { addressGroup } from '../common/address-group.js';
import { evictOldest } from '../common/evict-oldest.js';

/** Number of failures in a period after which an address group is locked for the next one. */
export const MAX_FAILURES = 20;
const PERIOD_MS = 60_000;
/** Maximum number of address groups with counted failures. Beyond it, the oldest one is evicted. */
const MAX_GROUPS = 10_000;

interface Failures {
  readonly since: number;
  count: number;
  /** -Infinity: not locked. */
  lockedAt: number;
}

/** Counts the bad tokens of each address group. */
export class AuthFailures {
  private readonly groups = new Map<string, Failures>();

  /** Counts a bad token. */
  note(address: string): void {
    const group = addressGroup(address);
    const now = performance.now();
    const failures = this.find(group, now) ?? this.start(group, now);
    if (++failures.count === MAX_FAILURES) failures.lockedAt = now;
  }

  /** Whether twenty bad tokens came from the address group within a minute, not more than a minute ago. */
  isLocked(address: string): boolean {
    return (this.find(addressGroup(address), performance.now())?.count ?? 0) >= MAX_FAILURES;
  }

  private find(group: string, now: number): Failures | undefined {
    const failures = this.groups.get(group);
    if (!failures) return undefined;
    const { since, lockedAt } = failures;
    if (now - Math.max(since, lockedAt) < PERIOD_MS) return failures;
    this.groups.delete(group);
    return undefined;
  }

  private start(group: string, since: number): Failures {
    const failures = { since, count: 0, lockedAt: -Infinity };
    this.groups.set(group, failures);
    evictOldest(this.groups, MAX_GROUPS);
    return failures;
  }
}
