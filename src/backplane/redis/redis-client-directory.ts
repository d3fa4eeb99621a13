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
import { DomainError } from '../../common/domain-error.js';
import type { Page, PageQuery, RealmCount } from '../../common/page.js';
import { bucketOf, BUCKETS, Keys, qualified } from './keys.js';
import { LostEntries } from './lost-entries.js';
import { nameFilter, pairs, realmPage, type Scored, scoredPage } from './pages.js';
import { RedisConnection } from './redis-connection.js';
import { removeInBatches, type RenewLease } from './removal-lease.js';
import { entryOf, type Stored, storedOf, valueOf } from './stored-entries.js';
import { isCounted, UserPlaces } from './user-places.js';

/** Claims that are in flight at the same time while a node claims all its clients again. */
const CLAIMED_AT_ONCE = 500;
/** Most ids of a dead node that one script releases. */
const RELEASED_AT_ONCE = 500;
/** Read from each bucket beyond its average share of a page, so that one read of all buckets mostly fills the page. */
const SHARE_SLACK = 8;

/** ClientDirectory on Redis, in buckets that a Redis Cluster spreads over its servers. */
@Injectable()
export class RedisClientDirectory extends ClientDirectory {
  private readonly places: UserPlaces;

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: Keys,
  ) {
    super();
    this.places = new UserPlaces(redis, keys);
  }

  override async claim(entry: ClientEntry, token?: string, maxOfUser?: number): Promise<Claim> {
    const claim = { entry, token, maxOfUser };
    if (isCounted(claim) && !(await this.places.take(claim.entry, claim.maxOfUser))) {
      throw new DomainError('CLIENTS_LIMIT_REACHED', { limit: claim.maxOfUser });
    }
    const answer = await this.runClaim(claim, 'claim');
    if (answer === 'taken' && isCounted(claim)) await this.places.free(claim.entry);
    if (answer === 'taken' || answer === 'claimed') return { outcome: answer };
    const replaced = storedOf(answer);
    await this.freePlace(replaced);
    return { outcome: 'replaced', previous: replaced.entry };
  }

  override async update(claim: OwnClaim): Promise<void> {
    const { realm, id, node, session } = claim.entry;
    const name = qualified(realm, id);
    await this.redis.run('updateEntry', this.keys.bucketOf(name).base, name, node, session, valueOf(claim));
  }

  override async release(realm: string, id: string, node: string, session: number): Promise<void> {
    const name = qualified(realm, id);
    const removed = await this.redis.run('releaseId', this.keys.bucketOf(name).base, name, node, session);
    if (removed !== '') await this.freePlace(storedOf(removed as string));
  }

  override async restore(
    node: string,
    claims: readonly OwnClaim[],
    isOwn: (session: Session) => boolean,
  ): Promise<Restored> {
    const freed = await Promise.all(
      this.keys.buckets.map(({ clientsOf }) => this.releaseUnknown(clientsOf(node), node, isOwn)),
    );
    await this.places.freeUnknown(node, isOwn);
    const lost: ClientEntry[] = [];
    for (let at = 0; at < claims.length; at += CLAIMED_AT_ONCE) {
      lost.push(...(await this.reclaim(claims.slice(at, at + CLAIMED_AT_ONCE).filter(({ entry }) => isOwn(entry)))));
    }
    return { lost, freed: freed.flat() };
  }

  override async reclaim(claims: readonly OwnClaim[]): Promise<ClientEntry[]> {
    const answers = await Promise.all(claims.map((claim) => this.runClaim(claim, 'reclaim')));
    await Promise.all(claims.map((claim, at) => this.settlePlace(claim, answers[at] !== 'taken')));
    return claims.flatMap(({ entry }, at) => (answers[at] === 'taken' ? entry : []));
  }

  override async find(realm: string, id: string): Promise<ClientEntry | undefined> {
    const name = qualified(realm, id);
    const value = await this.redis.ask((client) => client.hget(this.keys.bucketOf(name).clients, name));
    return value === null ? undefined : entryOf(value);
  }

  // Async so that errors reject.
  override async list(query: ClientQuery): Promise<Page<ClientEntry>> {
    const matches = clientFilter(query);
    return scoredPage(query, {
      after: (score, count) => this.namesAfter(score, count),
      matchesName: nameFilter(query),
      load: (names) => this.load(names),
      matches: (entry) => matches(entry),
    });
  }

  override async realms(query: PageQuery): Promise<Page<RealmCount>> {
    const hashes = this.keys.buckets.map(({ realms }) => this.redis.ask((client) => client.hgetall(realms)));
    return realmPage(await Promise.all(hashes), query);
  }

  override async count(): Promise<number> {
    const counts = this.keys.buckets.map(({ clients }) => this.redis.ask((client) => client.hlen(clients)));
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  /** The clients of a dead node that have some ids; undefined for an id that another client has. */
  async ownersOf(
    node: string,
    ids: readonly { readonly realm: string; readonly id: string }[],
  ): Promise<(ClientEntry | undefined)[]> {
    const owners = await this.load(ids.map(({ realm, id }) => qualified(realm, id)));
    return owners.map((owner) => (owner?.node === node ? owner : undefined));
  }

  /** The clients of a dead node that are still to be reported, in each bucket. */
  lostClients(node: string): readonly LostEntries<ClientEntry>[] {
    return this.keys.buckets.map(({ lost }) => new LostEntries(this.redis, lost(node), entryOf));
  }

  /**
   * Releases the ids of a dead node's clients while this node holds the lease.
   * @param isLost whether `lostClients` keeps them
   */
  async releaseIdsOf(node: string, renewLease: RenewLease, isLost: boolean): Promise<void> {
    const parts = this.keys.buckets.map(({ base }) => {
      return removeInBatches(RELEASED_AT_ONCE, renewLease, (limit) =>
        this.redis.run('releaseIdsOf', base, node, limit, isLost ? 1 : 0),
      );
    });
    await Promise.all(parts);
    await this.places.freeOf(node, renewLease);
  }

  /** Deletes the reservations of freed ids, when the last node stops. */
  async clear(): Promise<void> {
    const { buckets } = this.keys;
    await Promise.all(
      buckets.map(({ former, formerUntil }) => this.redis.ask((client) => client.unlink(former, formerUntil))),
    );
  }

  private async runClaim(claim: OwnClaim, mode: 'claim' | 'reclaim'): Promise<string> {
    const { realm, id, node, session, protocol } = claim.entry;
    const name = qualified(realm, id);
    const bucket = bucketOf(name);
    const args = [name, node, session, protocol, valueOf(claim), bucket, mode];
    if (claim.token !== undefined) args.push(claim.token);
    return (await this.redis.run('claimId', this.keys.bucketOf(name).base, ...args)) as string;
  }

  /** Takes or frees the place of a client that has claimed its id again, or lost it. */
  private async settlePlace(claim: OwnClaim, isKept: boolean): Promise<void> {
    if (isCounted(claim)) await (isKept ? this.places.retake(claim.entry) : this.places.free(claim.entry));
  }

  /** Frees the place that a client has in the count of its user, if it has one. */
  private async freePlace({ entry, isCounted }: Stored): Promise<void> {
    const { user } = entry;
    if (isCounted && user !== undefined) await this.places.free({ ...entry, user });
  }

  private async releaseUnknown(
    key: string,
    node: string,
    isOwn: (session: Session) => boolean,
  ): Promise<ClientEntry[]> {
    const names = await this.redis.ask((client) => client.smembers(key));
    const entries = (await this.load(names)).filter((entry) => entry !== undefined);
    const unknown = entries.filter((entry) => entry.node === node && !isOwn(entry));
    await Promise.all(unknown.map(({ realm, id, session }) => this.release(realm, id, node, session)));
    return unknown;
  }

  private async load(names: readonly string[]): Promise<(ClientEntry | undefined)[]> {
    const entries = new Map<string, ClientEntry>();
    const reads = this.keys.buckets.map(async ({ clients }, bucket) => {
      const inBucket = names.filter((name) => bucketOf(name) === bucket);
      if (inBucket.length === 0) return;
      const values = await this.redis.ask((client) => client.hmget(clients, ...inBucket));
      for (const [at, value] of values.entries()) if (value !== null) entries.set(inBucket[at]!, entryOf(value));
    });
    await Promise.all(reads);
    return names.map((name) => entries.get(name));
  }

  /**
   * Returns clients of all buckets in the order of their claims. A bucket whose share was read in full may have more
   * behind it: later clients of other buckets are left for the next call.
   */
  private async namesAfter(after: number, count: number): Promise<Scored[]> {
    const share = Math.ceil(count / BUCKETS) + SHARE_SLACK;
    const shares = await Promise.all(
      this.keys.buckets.map(async ({ order }) => {
        const range = [order, `(${after}`, '+inf', 'BYSCORE', 'LIMIT', 0, share, 'WITHSCORES'] as const;
        return pairs(await this.redis.ask((client) => client.zrange(...range)));
      }),
    );
    const complete = Math.min(...shares.map((names) => (names.length < share ? Infinity : names[share - 1]!.score)));
    return shares
      .flat()
      .filter(({ score }) => score <= complete)
      .sort((a, b) => a.score - b.score);
  }
}
