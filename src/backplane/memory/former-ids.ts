import { FORMER_ID_MS, MAX_FORMER_IDS } from '../../clients/client-directory.js';

interface Former {
  readonly protocol: string;
  /** Of `performance.now()`. */
  readonly until: number;
}

/**
 * Freed ids that are reserved for their protocol. All reservations last equally long, so that they expire in insertion
 * order.
 */
export class FormerIds {
  private readonly byName = new Map<string, Former>();

  /** Reserves a freed id, and drops expired reservations and the oldest beyond `MAX_FORMER_IDS`. */
  reserve(realm: string, id: string, protocol: string): void {
    const now = performance.now();
    const name = nameOf(realm, id);
    this.byName.delete(name);
    this.byName.set(name, { protocol, until: now + FORMER_ID_MS });
    for (const [first, { until }] of this.byName) {
      if (until > now && this.byName.size <= MAX_FORMER_IDS) break;
      this.byName.delete(first);
    }
  }

  /** Whether an id is reserved for another protocol. */
  isReservedFrom(protocol: string, realm: string, id: string): boolean {
    const former = this.byName.get(nameOf(realm, id));
    return former !== undefined && former.protocol !== protocol && former.until > performance.now();
  }

  get size(): number {
    return this.byName.size;
  }
}

function nameOf(realm: string, id: string): string {
  return `${realm.length} ${realm}${id}`;
}
