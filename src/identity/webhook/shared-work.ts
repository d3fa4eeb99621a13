/** Work that several clients wait for. It is aborted when all of them have gone. */
export class SharedWork<T> {
  readonly result: Promise<T>;
  private readonly aborter = new AbortController();
  private waiting = 0;

  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.result = work(this.aborter.signal);
  }

  get isAborted(): boolean {
    return this.aborter.signal.aborted;
  }

  /**
   * Waits for the result with the others.
   * @param gone aborts when the client has gone; must not have aborted yet
   */
  async join(gone?: AbortSignal): Promise<T> {
    this.waiting++;
    const leave = (): void => {
      if (--this.waiting === 0) this.aborter.abort();
    };
    gone?.addEventListener('abort', leave, { once: true });
    try {
      return await this.result;
    } finally {
      gone?.removeEventListener('abort', leave);
    }
  }
}
