import type { Retention } from '../events/event-journal.js';

/** Returns the retention that satisfies both. */
export function longer(one: Retention, other: Retention): Retention {
  return {
    maxEvents: Math.max(one.maxEvents, other.maxEvents),
    maxAgeMs: Math.max(one.maxAgeMs, other.maxAgeMs),
  };
}
