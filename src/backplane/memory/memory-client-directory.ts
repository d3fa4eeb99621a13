import { Injectable } from '@nestjs/common';
import {
  type Claim,
  ClientDirectory,
  type ClientEntry,
  type ClientQuery,
  type OwnClaim,
  type Restored,
} from '../../clients/client-directory.js';
import type { Page, PageQuery, RealmCount } from '../../common/page.js';
import { RealmMap } from '../../common/realm-map.js';
import { countRealms, pageOf, realmPageOf } from '../page-of.js';
import { FormerIds } from './former-ids.js';

interface Claimed {
  readonly entry: ClientEntry;
  readonly token?: string;
  readonly sequence: number;
}

/** ClientDirectory for a single node. */
@Injectable()
export class MemoryClientDirectory extends ClientDirectory {
  private readonly byId = new RealmMap<Claimed>();
  private readonly inOrder = new Set<Claimed>();
  private readonly former = new FormerIds();
  private sequence = 0;

  override claim(entry: ClientEntry, token?: string): Promise<Claim> {
    const owner = this.byId.get(entry.realm, entry.id);
    const isTaken = owner
      ? token === undefined || owner.token !== token
      : this.former.isReservedFrom(entry.protocol, entry.realm, entry.id);
    if (isTaken) return Promise.resolve({ outcome: 'taken' });
    if (owner) this.inOrder.delete(owner);
    const claimed = { entry: Object.freeze({ ...entry }), token, sequence: ++this.sequence };
    this.byId.set(entry.realm, entry.id, claimed);
    this.inOrder.add(claimed);
    return Promise.resolve(owner ? { outcome: 'replaced', previous: owner.entry } : { outcome: 'claimed' });
  }

  override release(realm: string, id: string, node: string, session: number): Promise<void> {
    const owner = this.byId.get(realm, id);
    if (owner?.entry.node === node && owner.entry.session === session) {
      this.byId.delete(realm, id);
      this.inOrder.delete(owner);
      if (owner.token === undefined) this.former.reserve(realm, id, owner.entry.protocol);
    }
    return Promise.resolve();
  }

  override async restore(
    node: string,
    claims: readonly OwnClaim[],
    isOwn: (entry: ClientEntry) => boolean,
  ): Promise<Restored> {
    const freed = [...this.entries()].filter((entry) => entry.node === node && !isOwn(entry));
    for (const { realm, id, session } of freed) await this.release(realm, id, node, session);
    return { freed, lost: await this.reclaim(claims.filter(({ entry }) => isOwn(entry))) };
  }

  override async reclaim(claims: readonly OwnClaim[]): Promise<ClientEntry[]> {
    const lost: ClientEntry[] = [];
    for (const { entry, token } of claims) {
      const owner = this.byId.get(entry.realm, entry.id)?.entry;
      const isOwn = owner?.node === entry.node && owner.session === entry.session;
      if (!isOwn && (owner || (await this.claim(entry, token)).outcome === 'taken')) lost.push(entry);
    }
    return lost;
  }

  override find(realm: string, id: string): Promise<ClientEntry | undefined> {
    return Promise.resolve(this.byId.get(realm, id)?.entry);
  }

  // Async so that errors reject, as those of any other directory.
  // eslint-disable-next-line @typescript-eslint/require-await
  override async list(query: ClientQuery): Promise<Page<ClientEntry>> {
    const page = pageOf(this.inOrder, query, ({ entry }) => matches(entry, query));
    return { ...page, items: page.items.map(({ entry }) => entry) };
  }

  override realms(query: PageQuery): Promise<Page<RealmCount>> {
    return Promise.resolve(realmPageOf(countRealms(this.entries()), query));
  }

  override count(): Promise<number> {
    return Promise.resolve(this.byId.size);
  }

  private *entries(): Iterable<ClientEntry> {
    for (const { entry } of this.inOrder) yield entry;
  }
}

function matches(entry: ClientEntry, { realm, protocol, node, idPrefix = '' }: ClientQuery): boolean {
  return (
    (realm === undefined || entry.realm === realm) &&
    (protocol === undefined || entry.protocol === protocol) &&
    (node === undefined || entry.node === node) &&
    entry.id.startsWith(idPrefix)
  );
}
