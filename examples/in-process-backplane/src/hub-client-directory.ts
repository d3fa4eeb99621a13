// The methods are async so that errors reject.
/* eslint-disable @typescript-eslint/require-await */
import {
  type Claim,
  ClientDirectory,
  type ClientEntry,
  type ClientQuery,
  DomainError,
  FORMER_ID_MS,
  MAX_FORMER_IDS,
  type OwnClaim,
  type Page,
  type PageQuery,
  type RealmCount,
  type Restored,
  type Session,
} from 'signalbox/backplane';
import { pageOf, realmsOf } from './pages.js';

interface Claimed {
  entry: ClientEntry;
  readonly token?: string;
  readonly isCounted: boolean;
  readonly sequence: number;
}

/** An id that is reserved for its former protocol. */
interface Former {
  readonly protocol: string;
  /** Of `performance.now()`. */
  readonly until: number;
}

/** The clients of all servers. Every method changes the maps in one turn, without an await between look and change. */
export class HubClientDirectory extends ClientDirectory {
  /** By realm and id, in the order of the claims. */
  private readonly claims = new Map<string, Claimed>();
  /** By realm and id, in the order in which they expire. */
  private readonly former = new Map<string, Former>();
  private sequence = 0;

  override async claim(entry: ClientEntry, token?: string, maxOfUser?: number): Promise<Claim> {
    if (maxOfUser !== undefined && this.othersOf(entry) >= maxOfUser) {
      throw new DomainError('CLIENTS_LIMIT_REACHED', { limit: maxOfUser });
    }
    return this.claimNow({ entry, token, maxOfUser });
  }

  override async update({ entry }: OwnClaim): Promise<void> {
    const owner = this.claims.get(keyOf(entry.realm, entry.id));
    if (owner && isSame(owner.entry, entry)) owner.entry = Object.freeze({ ...entry });
  }

  override async release(realm: string, id: string, node: string, session: number): Promise<void> {
    const owner = this.claims.get(keyOf(realm, id));
    if (owner && isSame(owner.entry, { node, session })) this.free(owner);
  }

  override async restore(
    node: string,
    claims: readonly OwnClaim[],
    isOwn: (session: Session) => boolean,
  ): Promise<Restored> {
    const gone = [...this.claims.values()].filter(({ entry }) => entry.node === node && !isOwn(entry));
    for (const claimed of gone) this.free(claimed);
    const lost = await this.reclaim(claims.filter(({ entry }) => isOwn(entry)));
    return { freed: gone.map(({ entry }) => entry), lost };
  }

  override async reclaim(claims: readonly OwnClaim[]): Promise<ClientEntry[]> {
    const lost: ClientEntry[] = [];
    for (const claim of claims) {
      const { entry } = claim;
      const owner = this.claims.get(keyOf(entry.realm, entry.id))?.entry;
      if (owner && isSame(owner, entry)) await this.update(claim);
      else if (owner || this.claimNow(claim).outcome === 'taken') lost.push(entry);
    }
    return lost;
  }

  override async find(realm: string, id: string): Promise<ClientEntry | undefined> {
    return this.claims.get(keyOf(realm, id))?.entry;
  }

  override async list(query: ClientQuery): Promise<Page<ClientEntry>> {
    const { idPrefix = '', ...rest } = query;
    const { items, cursor } = pageOf(this.claims.values(), query, ({ entry }) => {
      const isAsked = (['realm', 'protocol', 'node', 'user'] as const).every(
        (name) => (rest[name] ?? entry[name]) === entry[name],
      );
      return isAsked && entry.id.startsWith(idPrefix);
    });
    return { items: items.map(({ entry }) => entry), cursor };
  }

  override async realms(query: PageQuery): Promise<Page<RealmCount>> {
    return realmsOf(
      [...this.claims.values()].map(({ entry }) => entry.realm),
      query,
    );
  }

  override async count(): Promise<number> {
    return this.claims.size;
  }

  /** Number of counted clients of an entry's user with other ids. */
  private othersOf({ realm, id, user }: ClientEntry): number {
    if (user === undefined) return 0;
    const counted = [...this.claims.values()].filter(({ entry, isCounted }) => isCounted && entry.user === user);
    return counted.filter(({ entry }) => entry.realm === realm && entry.id !== id).length;
  }

  private claimNow({ entry, token, maxOfUser }: OwnClaim): Claim {
    const key = keyOf(entry.realm, entry.id);
    const owner = this.claims.get(key);
    const isTaken = owner ? token === undefined || owner.token !== token : this.isReserved(key, entry.protocol);
    if (isTaken) return { outcome: 'taken' };
    this.claims.delete(key);
    const isCounted = maxOfUser !== undefined;
    this.claims.set(key, { entry: Object.freeze({ ...entry }), token, isCounted, sequence: ++this.sequence });
    return owner ? { outcome: 'replaced', previous: owner.entry } : { outcome: 'claimed' };
  }

  private free({ entry: { realm, id, protocol }, token }: Claimed): void {
    const key = keyOf(realm, id);
    this.claims.delete(key);
    if (token !== undefined) return;
    this.former.delete(key);
    this.former.set(key, { protocol, until: performance.now() + FORMER_ID_MS });
    for (const [oldest, { until }] of this.former) {
      if (this.former.size <= MAX_FORMER_IDS && until > performance.now()) break;
      this.former.delete(oldest);
    }
  }

  private isReserved(key: string, protocol: string): boolean {
    const former = this.former.get(key);
    return former !== undefined && former.protocol !== protocol && former.until > performance.now();
  }
}

function isSame(owner: ClientEntry, { node, session }: Pick<ClientEntry, 'node' | 'session'>): boolean {
  return owner.node === node && owner.session === session;
}

function keyOf(realm: string, id: string): string {
  return JSON.stringify([realm, id]);
}
