import { Injectable } from '@nestjs/common';
import { addressGroup } from '../../common/address-group.js';
import type { EndReason } from '../../common/end-reason.js';
import { isLocalAddress } from '../../common/local-address.js';
import { DEFAULT_CONNECTIONS_PER_IP, LimitOptions } from '../../config/sections/limit.options.js';
import { MemoryBudget } from './memory-budget.js';
import { type BucketLimits, TokenBucket } from './token-bucket.js';

/** Lifetime of a connection that is not used yet. */
const UNUSED_MS = 3000;

/**
 * What an address group may cost, in rates and bursts of one connection. Each connection has a budget of its own, but a client
 * that opens many connections, or one after the other, has as many bursts.
 */
const RATES_PER_GROUP = 32;
const BURSTS_PER_GROUP = 4;

/** A connection that may have to go for another one. */
export interface Endable {
  cut(reason: EndReason): void;
}

/** What one address group has here. */
interface Holdings {
  taken: number;
  /** What its connections may cost together. */
  readonly budget: TokenBucket;
  /** Its unused connections, the one unused longest first. */
  readonly unused: Set<Endable>;
}

/** The place of one connection among those that this node and its address may have, from its request to its end. */
export class Place {
  private isTaken = true;

  constructor(
    readonly address: string,
    private readonly places: Places,
    /** What all connections of the address group may cost together; undefined if the group has no bounds. */
    readonly budget: TokenBucket | undefined,
  ) {}

  /**
   * Marks the place as unused: its connection ends when a newcomer needs the place, or after some seconds.
   * @param clockMs time of `Connections.clockMs`
   */
  markUnused(connection: Endable, clockMs: number): void {
    this.places.markUnused(connection, this.address, clockMs);
  }

  /** Marks the place as used. Call it at the end of the connection, too. */
  markUsed(connection: Endable): void {
    this.places.markUsed(connection, this.address);
  }

  /** Gives the place back, once. */
  giveBack(): void {
    if (!this.isTaken) return;
    this.isTaken = false;
    this.places.free(this.address);
  }
}

/**
 * Who has a place on this node, in all and for each address group. A place is taken at once when a request is admitted, so
 * that requests whose handshakes are still under way are counted.
 */
@Injectable()
export class Places {
  private taken = 0;
  private readonly byGroup = new Map<string, Holdings>();
  /** Unused connections and the times since when, the one unused longest first. */
  private readonly unused = new Map<Endable, number>();
  private readonly budgetLimits: BucketLimits;

  constructor(
    private readonly limits: LimitOptions,
    private readonly memory: MemoryBudget,
  ) {
    this.budgetLimits = {
      tokensPerSecond: limits.framesPerSecond * RATES_PER_GROUP,
      burst: limits.frameBurst * BURSTS_PER_GROUP,
    };
  }

  /** How many places an address, or the /64 that it is in, has taken. */
  countFrom(address: string): number {
    return this.byGroup.get(addressGroup(address))?.taken ?? 0;
  }

  /**
   * Whether the limit for each address is not for a peer: at its default it is for strangers, because a proxy that is not
   * named may stand on a local address.
   */
  spares(peer: string): boolean {
    return this.limits.maxConnectionsPerIp === DEFAULT_CONNECTIONS_PER_IP && isLocalAddress(peer);
  }

  /**
   * Takes a place. If none is free, the connection that is unused longest is closed.
   * @param isSpared whether the limit for each address does not hold
   * @returns the place, or the HTTP status of the refusal
   */
  take(address: string, isSpared: boolean): Place | 429 | 503 {
    if (this.memory.isExceeded) return 503;
    const { maxConnections, maxConnectionsPerIp } = this.limits;
    const group = addressGroup(address);
    const holdings = this.holdingsOf(group);
    const isBounded = this.isBounded(isSpared);
    const isGroupFull = isBounded && holdings.taken >= maxConnectionsPerIp;
    if (isGroupFull && !endFirst(holdings.unused)) return 429;
    if (this.taken >= maxConnections && !endFirst(this.unused.keys())) return 503;
    this.taken++;
    holdings.taken++;
    return new Place(address, this, isBounded ? holdings.budget : undefined);
  }

  /**
   * What an address group may cost, with all its connections and requests; undefined if it has no bounds.
   * @param isSpared as for `take`
   */
  budgetOf(address: string, isSpared: boolean): TokenBucket | undefined {
    return this.isBounded(isSpared) ? this.holdingsOf(addressGroup(address)).budget : undefined;
  }

  /** @internal */
  markUnused(connection: Endable, address: string, clockMs: number): void {
    this.unused.set(connection, clockMs);
    this.holdingsOf(addressGroup(address)).unused.add(connection);
  }

  /** @internal */
  markUsed(connection: Endable, address: string): void {
    if (this.unused.delete(connection)) this.byGroup.get(addressGroup(address))?.unused.delete(connection);
  }

  /** Ends the connections that have been unused for too long. */
  endUnused(clockMs: number): void {
    for (const [connection, since] of this.unused) {
      if (clockMs - since < UNUSED_MS) break;
      connection.cut('unused');
    }
  }

  /** Forgets the address groups without connections, as soon as their budgets are those of newcomers again. */
  forgetAbsent(): void {
    const now = performance.now();
    for (const [group, { taken, budget }] of this.byGroup) {
      if (taken === 0 && budget.isFull(now)) this.byGroup.delete(group);
    }
  }

  /** @internal */
  free(address: string): void {
    this.taken--;
    this.holdingsOf(addressGroup(address)).taken--;
  }

  private isBounded(isSpared: boolean): boolean {
    return !isSpared && this.limits.maxConnectionsPerIp > 0;
  }

  private holdingsOf(group: string): Holdings {
    let holdings = this.byGroup.get(group);
    if (!holdings) {
      const budget = new TokenBucket(this.budgetLimits, performance.now());
      this.byGroup.set(group, (holdings = { taken: 0, unused: new Set(), budget }));
    }
    return holdings;
  }
}

/** Ends the first of some connections, which gives its place back at once; false if there is none. */
function endFirst(connections: Iterable<Endable> = []): boolean {
  const [first] = connections;
  first?.cut('unused');
  return first !== undefined;
}
