import type { JournalEntry } from '../events/event-journal.js';
import type { ClientConnected, ClientDisconnected } from '../events/server-event.js';

/** Most events that are held. Beyond that the oldest are released early. */
const MAX_HELD = 100_000;

interface Held extends JournalEntry {
  readonly event: ClientDisconnected;
}

/** Holds `client.disconnected` back for a time, in which the user or the id may come back. */
export class LeaveGrace {
  /** In the order of the journal. */
  private readonly held = new Set<Held>();
  private readonly byName = new Map<string, Set<Held>>();
  private timer?: NodeJS.Timeout;

  /**
   * @param options a reload may change them
   * @param release receives what was held for long enough
   */
  constructor(
    private readonly options: { readonly leaveGraceMs: number },
    private readonly release: (entry: JournalEntry) => void,
  ) {}

  get size(): number {
    return this.held.size;
  }

  /** Position of the first event that is held. */
  get first(): number | undefined {
    return this.oldest?.position;
  }

  /**
   * Takes an event of the journal, in its order.
   * @returns whether the event is not to be delivered now: it is held, or it cancels one that was held
   */
  takes({ position, event }: JournalEntry): boolean {
    const isOff = this.options.leaveGraceMs === 0;
    if (isOff && this.held.size === 0) return false;
    this.releaseUntil(Date.parse(event.at));
    if (event.type === 'client.connected') return this.cancelLeave(event);
    if (event.type !== 'client.disconnected' || isOff) return false;
    this.hold({ position, event });
    if (this.held.size > MAX_HELD) this.letGo(this.oldest!);
    this.wait();
    return true;
  }

  /** Gives up what is held. */
  clear(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.held.clear();
    this.byName.clear();
  }

  private get oldest(): Held | undefined {
    return firstOf(this.held);
  }

  private hold(held: Held): void {
    this.held.add(held);
    for (const name of namesOf(held.event)) {
      const others = this.byName.get(name);
      if (others) others.add(held);
      else this.byName.set(name, new Set([held]));
    }
  }

  /** Drops the held event of a client that has come back. Returns whether there was one. */
  private cancelLeave(event: ClientConnected): boolean {
    for (const name of namesOf(event)) {
      const left = firstOf(this.byName.get(name));
      if (!left) continue;
      this.remove(left);
      return true;
    }
    return false;
  }

  private remove(held: Held): void {
    this.held.delete(held);
    for (const name of namesOf(held.event)) {
      const others = this.byName.get(name);
      others?.delete(held);
      if (others?.size === 0) this.byName.delete(name);
    }
  }

  private letGo(held: Held): void {
    this.remove(held);
    this.release(held);
  }

  /** Releases what was held until a time, in milliseconds since 1970. */
  private releaseUntil(time: number): void {
    for (const held of this.held) {
      if (this.endOf(held) > time) return;
      this.letGo(held);
    }
  }

  private wait(): void {
    const { oldest } = this;
    if (!oldest || this.timer) return;
    const expire = (): void => {
      this.timer = undefined;
      this.releaseUntil(Date.now());
      this.wait();
    };
    this.timer = setTimeout(expire, Math.max(1, this.endOf(oldest) - Date.now())).unref();
  }

  private endOf({ event }: Held): number {
    return Date.parse(event.at) + this.options.leaveGraceMs;
  }
}

function firstOf<T>(values: Iterable<T> = []): T | undefined {
  for (const value of values) return value;
  return undefined;
}

/** The names under which a client comes back, its id first. */
function namesOf({ realm, client, user }: ClientConnected | ClientDisconnected): readonly string[] {
  const id = JSON.stringify(['id', realm, client]);
  return user === undefined ? [id] : [id, JSON.stringify(['user', realm, user])];
}
