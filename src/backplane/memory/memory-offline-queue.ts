import { Injectable } from '@nestjs/common';
import { RealmMap } from '../../common/realm-map.js';
import { detached, type Signal } from '../../common/signal.js';
import { Config } from '../../config/config.js';
import { OfflineQueue, queuedBytes, type ExpiredPair, type WaitingSignal } from '../../signaling/offline-queue.js';

interface Entry extends WaitingSignal {
  readonly bytes: number;
  readonly expiresAt: number;
}

/** How much waits for one target or from one sender; for a target also what, in order. */
class Share {
  readonly entries = new Set<Entry>();
  bytes = 0;

  hasRoomFor(bytes: number, maxCount: number, maxBytes: number): boolean {
    return this.entries.size < maxCount && this.bytes + bytes <= maxBytes;
  }

  add(entry: Entry): void {
    this.entries.add(entry);
    this.bytes += entry.bytes;
  }

  remove(entry: Entry): void {
    if (this.entries.delete(entry)) this.bytes -= entry.bytes;
  }
}

/** OfflineQueue for a single node. All entries wait equally long, so that the oldest is always the first to expire. */
@Injectable()
export class MemoryOfflineQueue extends OfflineQueue {
  private readonly all = new Share();
  private readonly byTarget = new RealmMap<Share>();
  private readonly bySender = new RealmMap<Share>();

  constructor(private readonly config: Config) {
    super();
  }

  override put({ realm, to, signal }: WaitingSignal): Promise<boolean> {
    const { config } = this;
    const bytes = queuedBytes(to, signal);
    const target = this.byTarget.get(realm, to) ?? new Share();
    const sender = this.bySender.get(realm, signal.from) ?? new Share();
    const fits =
      target.hasRoomFor(bytes, config.maxQueuedPerTarget, config.maxQueuedBytesPerTarget) &&
      sender.hasRoomFor(bytes, config.maxQueuedPerSender, config.maxQueuedBytesPerSender) &&
      this.all.hasRoomFor(bytes, config.maxQueued, config.maxQueuedBytes);
    if (!fits) return Promise.resolve(false);
    const expiresAt = performance.now() + config.queueTtlMs;
    const entry: Entry = { realm, to, signal: detached(signal), bytes, expiresAt };
    this.byTarget.set(realm, to, target);
    this.bySender.set(realm, signal.from, sender);
    for (const share of [target, sender, this.all]) share.add(entry);
    return Promise.resolve(true);
  }

  override take(realm: string, to: string): Promise<Signal[]> {
    const now = performance.now();
    const waiting = [...(this.byTarget.get(realm, to)?.entries ?? [])].filter(({ expiresAt }) => expiresAt > now);
    for (const entry of waiting) this.forget(entry);
    return Promise.resolve(waiting.map(({ signal }) => signal));
  }

  override count(): Promise<number> {
    return Promise.resolve(this.all.entries.size);
  }

  override expire(): Promise<ExpiredPair[]> {
    const now = performance.now();
    const pairs = new Map<string, ExpiredPair>();
    for (const entry of this.all.entries) {
      if (entry.expiresAt > now) break;
      this.forget(entry);
      const { realm, to, signal } = entry;
      pairs.set(JSON.stringify([realm, signal.from, to]), { realm, from: signal.from, to });
    }
    return Promise.resolve([...pairs.values()]);
  }

  private forget(entry: Entry): void {
    this.all.remove(entry);
    forgetIn(this.byTarget, entry.to, entry);
    forgetIn(this.bySender, entry.signal.from, entry);
  }
}

function forgetIn(shares: RealmMap<Share>, id: string, entry: Entry): void {
  const share = shares.get(entry.realm, id);
  share?.remove(entry);
  if (share?.entries.size === 0) shares.delete(entry.realm, id);
}
