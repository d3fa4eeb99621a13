import type { ClientEntry } from '../clients/client-directory.js';
import { RealmMap } from '../common/realm-map.js';

/** Maximum number of cached locations, and their lifetime. A client's node reports when the client leaves it. */
const MAX_LOCATIONS = 50_000;
const LIFETIME_MS = 5000;

interface Location {
  readonly entry: ClientEntry;
  /** In terms of `performance.now()`. */
  readonly expiresAt: number;
}

/** Cache of the nodes that recent targets of other nodes are connected to. */
export class Locations {
  private cached = new RealmMap<Location>();

  get(realm: string, id: string): ClientEntry | undefined {
    const location = this.cached.get(realm, id);
    if (!location || location.expiresAt > performance.now()) return location?.entry;
    this.cached.delete(realm, id);
    return undefined;
  }

  set(entry: ClientEntry): void {
    // A full cache is dropped as a whole: it is rare, cheaper than to find the oldest entry, and costs one look-up per
    // target.
    if (this.cached.size >= MAX_LOCATIONS) this.cached = new RealmMap();
    this.cached.set(entry.realm, entry.id, { entry, expiresAt: performance.now() + LIFETIME_MS });
  }

  delete(realm: string, id: string): void {
    this.cached.delete(realm, id);
  }
}
