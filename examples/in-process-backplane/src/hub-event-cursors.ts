import { type ClaimedReader, EventCursors } from 'signalbox/backplane';

interface Reader {
  owner: string | undefined;
  /** End of the lease, of `performance.now()`. */
  until: number;
  state: string | undefined;
}

/** Who delivers webhooks, and how far, for all servers of this process. */
export class HubEventCursors extends EventCursors {
  private readonly readers = new Map<string, Reader>();

  override claim(name: string, owner: string, leaseMs: number): Promise<ClaimedReader | undefined> {
    const { owner: former, until = 0, state } = this.readers.get(name) ?? {};
    if (former !== owner && until > performance.now()) return Promise.resolve(undefined);
    this.readers.set(name, { owner, until: performance.now() + leaseMs, state });
    return Promise.resolve({ state });
  }

  override save(name: string, owner: string, state: string, leaseMs: number): Promise<boolean> {
    const reader = this.readers.get(name);
    if (reader?.owner !== owner || reader.until <= performance.now()) return Promise.resolve(false);
    this.readers.set(name, { owner, until: performance.now() + leaseMs, state });
    return Promise.resolve(true);
  }

  override release(name: string, owner: string): Promise<void> {
    const reader = this.readers.get(name);
    if (reader?.owner === owner) Object.assign(reader, { owner: undefined, until: 0 });
    return Promise.resolve();
  }

  override find(name: string): Promise<string | undefined> {
    return Promise.resolve(this.readers.get(name)?.state);
  }
}
