import { Injectable } from '@nestjs/common';
import {
  type Claim,
  ClientDirectory,
  type ClientEntry,
  type ClientQuery,
  type OwnClaim,
  type Restored,
  type Session,
} from '../../clients/client-directory.js';
import { clientFilter } from '../../clients/client-filter.js';
import type { Page, PageQuery, RealmCount } from '../../common/page.js';
import { RealmMap } from '../../common/realm-map.js';
import { countRealms, pageOf, realmPageOf } from '../page-of.js';
import { FormerIds } from './former-ids.js';
import { UserClients } from './user-clients.js';

interface Claimed {
  entry: ClientEntry;
  readonly token?: string;
  readonly sequence: number;
}

/** ClientDirectory for a single node. */
@Injectable()
export class MemoryClientDirectory extends ClientDirectory {
  private readonly byId = new RealmMap<Claimed>();
  private readonly inOrder = new Set<Claimed>();
  private readonly former = new FormerIds();
  private readonly users = new UserClients();
  private sequence = 0;

  // Async so that errors reject.
  // eslint-disable-next-line @typescript-eslint/require-await
  override async claim(entry: ClientEntry, token?: string, maxOfUser?: number): Promise<Claim> {
    if (maxOfUser !== undefined) this.users.check(entry, maxOfUser);
    return this.claimUnchecked({ entry, token, maxOfUser });
  }

  override update({ entry }: OwnClaim): Promise<void> {
    const owner = this.byId.get(entry.realm, entry.id);
    if (owner && isSame(owner.entry, entry)) owner.entry = copyOf(entry);
    return Promise.resolve();
  }

  override release(realm: string, id: string, node: string, session: number): Promise<void> {
    const owner = this.byId.get(realm, id);
    if (owner && isSame(owner.entry, { node, session })) {
      this.remove(owner);
      if (owner.token === undefined) this.former.reserve(realm, id, owner.entry.protocol);
    }
    return Promise.resolve();
  }

  override async restore(
    node: string,
    claims: readonly OwnClaim[],
    isOwn: (session: Session) => boolean,
  ): Promise<Restored> {
    const freed = [...this.entries()].filter((entry) => entry.node === node && !isOwn(entry));
    for (const { realm, id, session } of freed) await this.release(realm, id, node, session);
    return { freed, lost: await this.reclaim(claims.filter(({ entry }) => isOwn(entry))) };
  }

  override async reclaim(claims: readonly OwnClaim[]): Promise<ClientEntry[]> {
    const lost: ClientEntry[] = [];
    for (const claim of claims) {
      const { entry } = claim;
      const owner = this.byId.get(entry.realm, entry.id)?.entry;
      if (owner && isSame(owner, entry)) await this.update(claim);
      else if (owner || this.claimUnchecked(claim).outcome === 'taken') lost.push(entry);
    }
    return lost;
  }

  override find(realm: string, id: string): Promise<ClientEntry | undefined> {
    return Promise.resolve(this.byId.get(realm, id)?.entry);
  }

  // Async so that errors reject, as those of any other directory.
  // eslint-disable-next-line @typescript-eslint/require-await
  override async list(query: ClientQuery): Promise<Page<ClientEntry>> {
    const matches = clientFilter(query);
    const page = pageOf(this.inOrder, query, ({ entry }) => matches(entry));
    return { ...page, items: page.items.map(({ entry }) => entry) };
  }

  override realms(query: PageQuery): Promise<Page<RealmCount>> {
    return Promise.resolve(realmPageOf(countRealms(this.entries()), query));
  }

  override count(): Promise<number> {
    return Promise.resolve(this.byId.size);
  }

  private claimUnchecked({ entry, token, maxOfUser }: OwnClaim): Claim {
    const owner = this.byId.get(entry.realm, entry.id);
    const isTaken = owner
      ? token === undefined || owner.token !== token
      : this.former.isReservedFrom(entry.protocol, entry.realm, entry.id);
    if (isTaken) return { outcome: 'taken' };
    if (owner) this.remove(owner);
    const claimed = { entry: copyOf(entry), token, sequence: ++this.sequence };
    this.byId.set(entry.realm, entry.id, claimed);
    this.inOrder.add(claimed);
    if (maxOfUser !== undefined) this.users.add(entry);
    return owner ? { outcome: 'replaced', previous: owner.entry } : { outcome: 'claimed' };
  }

  private remove(claimed: Claimed): void {
    this.byId.delete(claimed.entry.realm, claimed.entry.id);
    this.inOrder.delete(claimed);
    this.users.delete(claimed.entry);
  }

  private *entries(): Iterable<ClientEntry> {
    for (const { entry } of this.inOrder) yield entry;
  }
}

function copyOf(entry: ClientEntry): ClientEntry {
  return Object.freeze({ ...entry });
}

function isSame(owner: ClientEntry, { node, session }: Pick<ClientEntry, 'node' | 'session'>): boolean {
  return owner.node === node && owner.session === session;
}
