import type { ClientEntry } from '../../clients/client-directory.js';
import { DomainError } from '../../common/domain-error.js';
import { RealmMap } from '../../common/realm-map.js';

type Owned = Pick<ClientEntry, 'realm' | 'id' | 'user'>;

/** The ids of the clients that are counted for each user, by realm. Clients without a user are not counted. */
export class UserClients {
  private readonly byUser = new RealmMap<Set<string>>();

  /** @throws DomainError CLIENTS_LIMIT_REACHED if the user of a client has as many clients with other ids */
  check({ realm, id, user }: Owned, limit: number): void {
    if (user === undefined) return;
    const ids = this.byUser.get(realm, user);
    if (ids && ids.size >= limit && !ids.has(id)) throw new DomainError('CLIENTS_LIMIT_REACHED', { limit });
  }

  add({ realm, id, user }: Owned): void {
    if (user === undefined) return;
    const ids = this.byUser.get(realm, user);
    if (ids) ids.add(id);
    else this.byUser.set(realm, user, new Set([id]));
  }

  delete({ realm, id, user }: Owned): void {
    if (user === undefined) return;
    const ids = this.byUser.get(realm, user);
    if (ids?.delete(id) && ids.size === 0) this.byUser.delete(realm, user);
  }
}
