import { Injectable } from '@nestjs/common';
import { type ClaimedReader, EventCursors } from '../../events/event-cursors.js';

interface Reader {
  owner?: string;
  /** End of the lease, of `performance.now()`. */
  until: number;
  state?: string;
}

/** EventCursors in the memory of a process. */
@Injectable()
export class MemoryEventCursors extends EventCursors {
  private readonly readers = new Map<string, Reader>();

  override claim(name: string, owner: string, leaseMs: number): Promise<ClaimedReader | undefined> {
    const reader = this.readers.get(name) ?? { until: 0 };
    if (reader.owner !== owner && reader.until > performance.now()) return Promise.resolve(undefined);
    this.readers.set(name, { ...reader, owner, until: performance.now() + leaseMs });
    return Promise.resolve({ state: reader.state });
  }

  override save(name: string, owner: string, state: string, leaseMs: number): Promise<boolean> {
    if (!this.has(name, owner)) return Promise.resolve(false);
    this.readers.set(name, { owner, until: performance.now() + leaseMs, state });
    return Promise.resolve(true);
  }

  override release(name: string, owner: string): Promise<void> {
    const reader = this.readers.get(name);
    if (reader?.owner === owner) this.readers.set(name, { until: 0, state: reader.state });
    return Promise.resolve();
  }

  override find(name: string): Promise<string | undefined> {
    return Promise.resolve(this.readers.get(name)?.state);
  }

  private has(name: string, owner: string): boolean {
    const reader = this.readers.get(name);
    return reader?.owner === owner && reader.until > performance.now();
  }
}
