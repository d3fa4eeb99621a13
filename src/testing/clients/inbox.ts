interface Waiter<M> {
  readonly matches: (message: M) => boolean;
  readonly resolve: (message: M) => void;
  readonly reject: (error: Error) => void;
}

/** What a client has received and a test has not read yet. */
export class Inbox<M> {
  private unread: M[] = [];
  private readonly waiters = new Set<Waiter<M>>();
  private end?: string;

  /** @param patienceMs longest wait for a message */
  constructor(private readonly patienceMs: number) {}

  /** Gives a message to the oldest call of `next` that waits for it, or keeps it. */
  add(message: M): void {
    for (const waiter of this.waiters) {
      if (!waiter.matches(message)) continue;
      this.waiters.delete(waiter);
      waiter.resolve(message);
      return;
    }
    this.unread.push(message);
  }

  /** Rejects all calls of `next` that wait, and later ones that would. */
  close(reason: string): void {
    this.end = reason;
    for (const waiter of this.waiters) waiter.reject(new Error(reason));
    this.waiters.clear();
  }

  /**
   * Removes and returns the oldest matching message, or waits for one. Other messages stay for later calls.
   * @param wanted names the message in errors
   * @throws Error if the connection is closed, or no such message has come in time
   */
  async next(wanted: string, matches: (message: M) => boolean): Promise<M> {
    const index = this.unread.findIndex(matches);
    if (index >= 0) return this.unread.splice(index, 1)[0]!;
    // Created here, so that its stack leads to the caller.
    const late = new Error();
    const describe = (what: string): string => `${what}; wanted: ${wanted}; unread: ${JSON.stringify(this.unread)}`;
    if (this.end !== undefined) throw Object.assign(late, { message: describe(this.end) });
    return new Promise<M>((resolve, reject) => {
      const fail = (what: string): void => {
        clearTimeout(timer);
        this.waiters.delete(waiter);
        reject(Object.assign(late, { message: describe(what) }));
      };
      const timer = setTimeout(() => fail(`nothing within ${this.patienceMs} ms`), this.patienceMs);
      const waiter: Waiter<M> = {
        matches,
        resolve: (message) => {
          clearTimeout(timer);
          resolve(message);
        },
        reject: ({ message }) => fail(message),
      };
      this.waiters.add(waiter);
    });
  }
}
