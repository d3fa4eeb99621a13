import { Injectable } from '@nestjs/common';
import { BlocksHere } from '../../blocks/blocks-here.js';
import { addressGroup } from '../../common/address-group.js';
import type { EndReason } from '../../common/end-reason.js';
import { isLocalAddress } from '../../common/local-address.js';
import { LiveConfig } from '../../config/live-config.js';
import { DEFAULT_CONNECTIONS_PER_IP, LimitOptions } from '../../config/sections/limit.options.js';
import { MemoryBudget } from './memory-budget.js';
import { type BudgetLimits, TokenBucket } from './token-bucket.js';

/** How long a connection may stay unused. */
const UNUSED_MS = 3000;

/**
 * Budget of an address group, in rates and bursts of one connection. Each connection has a budget of its own, but a
 * client that opens many connections, at once or one after the other, has as many bursts.
 */
const RATES_PER_GROUP = 32;
const BURSTS_PER_GROUP = 4;

/** A connection that may have to end for another one. */
export interface Endable {
  cut(reason: EndReason): void;
}

/** The places of one address group. */
interface Holdings {
  taken: number;
  /** Shared by all connections of the group. */
  readonly budget: TokenBucket;
  /** Unused connections of the group, the longest unused first. */
  readonly unused: Set<Endable>;
}

/** One of the connections that this node and an address may have. A connection holds it from its request to its end. */
export class Place {
  private isTaken = true;

  constructor(
    readonly address: string,
    private readonly places: Places,
    /** Shared by all connections of the address group; undefined if the group has no bounds. */
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

  /** Gives the place back. Only the first call has an effect. */
  giveBack(): void {
    if (!this.isTaken) return;
    this.isTaken = false;
    this.places.free(this.address);
  }
}

/**
 * Bounds the connections of this node, in all and for each address group. A place is taken when a request is admitted,
 * so that incomplete handshakes count, too.
 */
@Injectable()
export class Places {
  private taken = 0;
  private readonly byGroup = new Map<string, Holdings>();
  /** Unused connections with the times since when, the longest unused first. */
  private readonly unused = new Map<Endable, number>();
  private readonly budgetLimits: BudgetLimits;

  constructor(
    private readonly limits: LimitOptions,
    private readonly memory: MemoryBudget,
    private readonly blocks: BlocksHere,
    live: LiveConfig,
  ) {
    this.budgetLimits = budgetLimitsOf(limits);
    // All budgets share the object.
    live.onChange((next) => ({ apply: () => Object.assign(this.budgetLimits, budgetLimitsOf(next)) }));
  }

  /** Seconds for which an address is blocked; 0: it is not. */
  secondsBlocked(address: string): number {
    return this.blocks.secondsOf(address);
  }

  /** Number of places that an address, or its /64, has taken. */
  countFrom(address: string): number {
    return this.byGroup.get(addressGroup(address))?.taken ?? 0;
  }

  /**
   * Whether the limit for each address does not apply to a peer. At its default it does not apply to local addresses,
   * because one of them may be a proxy that is not configured.
   */
  spares(peer: string): boolean {
    return this.limits.maxConnectionsPerIp === DEFAULT_CONNECTIONS_PER_IP && isLocalAddress(peer);
  }

  /**
   * Takes a place. If none is free, the longest unused connection ends.
   * @param isSpared whether the limit for each address does not apply
   * @returns the place, or the HTTP status of the refusal
   */
  take(address: string, isSpared: boolean): Place | 403 | 429 | 503 {
    if (this.blocks.isActive && this.blocks.secondsOf(address) > 0) return 403;
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
   * Returns the budget of an address group, for all its connections and requests; undefined if the group has no bounds.
   * @param isSpared whether the limit for each address does not apply
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

  /** Ends connections that have been unused for too long. */
  endUnused(clockMs: number): void {
    for (const [connection, since] of this.unused) {
      if (clockMs - since < UNUSED_MS) break;
      connection.cut('unused');
    }
  }

  /** Forgets address groups without connections once their budgets are full again. */
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

/** The limits of an address group. */
function budgetLimitsOf({ framesPerSecond, frameBurst }: BudgetLimits): BudgetLimits {
  return { framesPerSecond: framesPerSecond * RATES_PER_GROUP, frameBurst: frameBurst * BURSTS_PER_GROUP };
}

/** Ends the first connection, which gives its place back at once. Returns false if there is none. */
function endFirst(connections: Iterable<Endable>): boolean {
  const [first] = connections;
  first?.cut('unused');
  return first !== undefined;
}
