type Work = () => void | Promise<void>;

/** Whom a SerialQueue works for. */
export interface QueueOwner {
  /** Called with what a piece of work has thrown. */
  failed(error: unknown): void;
  /** Called when nothing is under way any more and nothing waits, if something has taken time. */
  idle(): void;
}

/** Does pieces of work one after the other, each at once if nothing else is under way. */
export class SerialQueue {
  private busy = false;
  private waiting?: Work[];

  constructor(private readonly owner: QueueOwner) {}

  /** Whether something is under way. */
  get isBusy(): boolean {
    return this.busy;
  }

  /** How much waits behind it. */
  get length(): number {
    return this.waiting?.length ?? 0;
  }

  add(work: Work): void {
    if (this.busy) (this.waiting ??= []).push(work);
    else this.run(work);
  }

  /** Drops what waits. */
  clear(): void {
    this.waiting = undefined;
  }

  private run(work: Work): void {
    try {
      this.settle(work());
    } catch (error) {
      this.owner.failed(error);
    }
  }

  private settle(result: void | Promise<void>): void {
    if (result === undefined) return;
    this.busy = true;
    void result
      .catch((error: unknown) => {
        this.owner.failed(error);
      })
      .finally(() => {
        this.busy = false;
        this.next();
      });
  }

  private next(): void {
    while (!this.busy && this.waiting) {
      const work = this.waiting.shift();
      if (work) this.run(work);
      else this.waiting = undefined;
    }
    if (!this.busy) this.owner.idle();
  }
}
