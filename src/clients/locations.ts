import { RealmMap } from '../common/realm-map.js';
import type { ClientEntry } from './client-directory.js';

/** How many locations are remembered, and for how long: a client's own node says when it has gone. */
const MAX_LOCATIONS = 50_000;
const REMEMBERED_MS = 5000;

interface Location {
  readonly entry: ClientEntry;
  /** Of `performance.now()`. */
  readonly until: number;
}

/** On which other node clients were when somebody here last sent them something. */
export class Locations {
  private known = new RealmMap<Location>();

  get(realm: string, id: string): ClientEntry | undefined {
    const location = this.known.get(realm, id);
    if (!location || location.until > performance.now()) return location?.entry;
    this.known.delete(realm, id);
    return undefined;
  }

  remember(entry: ClientEntry): void {
    // Simpler than to find the oldest, and rare: what is forgotten is looked up again.
    if (this.known.size >= MAX_LOCATIONS) this.known = new RealmMap();
    this.known.set(entry.realm, entry.id, { entry, until: performance.now() + REMEMBERED_MS });
  }

  forget(realm: string, id: string): void {
    this.known.delete(realm, id);
  }
}
