import { Injectable } from '@nestjs/common';
import { RealmMap } from '../../common/realm-map.js';
import { detached, type Signal } from '../../common/signal.js';
import { LimitOptions } from '../../config/sections/limit.options.js';
import { QueueOptions } from '../../config/sections/queue.options.js';
import {
  type ExpiredPair,
  OfflineQueue,
  queuedBytes,
  type QueueLimit,
  queueLimits,
  type WaitingSignal,
} from '../../signaling/offline-queue.js';

interface Entry extends WaitingSignal {
  readonly bytes: number;
  readonly expiresAt: number;
}

/** Number and bytes of the queued signals that count for one bound. */
class Share {
  count = 0;
  bytes = 0;

  fits(bytes: number, [maxCount, maxBytes]: QueueLimit): boolean {
    return this.count < maxCount && this.bytes + bytes <= maxBytes;
  }

  add(count: 1 | -1, bytes: number): void {
    this.count += count;
    this.bytes += count * bytes;
  }
}

/** Queued signals for one target, oldest first. */
class Target extends Share {
  readonly entries = new Set<Entry>();
  /** The part of a sender or an address in this target, by the share of that sender or address. */
  readonly parts = new Map<Share, Share>();

  partOf(source: Share): Share {
    const part = this.parts.get(source) ?? new Share();
    this.parts.set(source, part);
    return part;
  }
}

/** Where to find the share of a sender or an address. */
type Source = readonly [shares: RealmMap<Share>, realm: string, id: string];

/** OfflineQueue for a single node. All entries live equally long, so that they expire in insertion order. */
@Injectable()
export class MemoryOfflineQueue extends OfflineQueue {
  private readonly all = new Share();
  private readonly entries = new Set<Entry>();
  private readonly byTarget = new RealmMap<Target>();
  private readonly bySender = new RealmMap<Share>();
  /** All under the realm '': an address has one share for all realms. */
  private readonly byAddress = new RealmMap<Share>();
  constructor(
    private readonly options: QueueOptions,
    private readonly limits: LimitOptions,
  ) {
    super();
  }

  override put(waiting: WaitingSignal): Promise<boolean> {
    const { to, signal } = waiting;
    const bytes = queuedBytes(to, signal);
    const target = this.targetOf(waiting);
    const shares = this.sharesOf(waiting, target);
    const limits = queueLimits(this.options, this.limits);
    const fits = shares.every((share, at) => share.fits(bytes, limits[at]!));
    if (fits) {
      const expiresAt = performance.now() + this.options.queueTtlMs;
      const entry: Entry = { ...waiting, signal: detached(signal), bytes, expiresAt };
      for (const share of shares) share.add(1, bytes);
      for (const entries of [this.entries, target.entries]) entries.add(entry);
    } else this.dropEmpty(waiting, target);
    return Promise.resolve(fits);
  }

  override take(realm: string, to: string): Promise<Signal[]> {
    const now = performance.now();
    const waiting = [...(this.byTarget.get(realm, to)?.entries ?? [])].filter(({ expiresAt }) => expiresAt > now);
    for (const entry of waiting) this.delete(entry);
    return Promise.resolve(waiting.map(({ signal }) => signal));
  }

  override count(): Promise<number> {
    return Promise.resolve(this.all.count);
  }

  override get bytesHere(): number {
    return this.all.bytes;
  }

  override expire(): Promise<ExpiredPair[]> {
    const now = performance.now();
    const pairs = new Map<string, ExpiredPair>();
    for (const entry of this.entries) {
      if (entry.expiresAt > now) break;
      this.delete(entry);
      const { realm, to, signal } = entry;
      pairs.set(JSON.stringify([realm, signal.from, to]), { realm, from: signal.from, to });
    }
    return Promise.resolve([...pairs.values()]);
  }

  private delete(entry: Entry): void {
    const target = this.targetOf(entry);
    for (const share of this.sharesOf(entry, target)) share.add(-1, entry.bytes);
    for (const entries of [this.entries, target.entries]) entries.delete(entry);
    this.dropEmpty(entry, target);
  }

  private targetOf({ realm, to }: WaitingSignal): Target {
    const target = this.byTarget.get(realm, to) ?? new Target();
    this.byTarget.set(realm, to, target);
    return target;
  }

  /** Returns the shares that a signal counts for, in the order of `queueLimits`; creates those that are missing. */
  private sharesOf(waiting: WaitingSignal, target: Target): Share[] {
    const ofSources = this.sourcesOf(waiting).flatMap(([shares, realm, id]) => {
      const share = shares.get(realm, id) ?? new Share();
      shares.set(realm, id, share);
      return [share, target.partOf(share)];
    });
    return [this.all, target, ...ofSources];
  }

  private dropEmpty(waiting: WaitingSignal, target: Target): void {
    for (const [shares, realm, id] of this.sourcesOf(waiting)) {
      const share = shares.get(realm, id);
      if (share && target.partOf(share).count === 0) target.parts.delete(share);
      if (share?.count === 0) shares.delete(realm, id);
    }
    if (target.count === 0) this.byTarget.delete(waiting.realm, waiting.to);
  }

  private sourcesOf({ realm, signal, address }: WaitingSignal): Source[] {
    const sender: Source = [this.bySender, realm, signal.from];
    return address === undefined ? [sender] : [sender, [this.byAddress, '', address]];
  }
}
