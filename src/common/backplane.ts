/** Port: whether this node can reach what it shares with the others, and what it does when it can again. */
export abstract class Backplane {
  private readonly steps: (() => Promise<void>)[] = [];

  /** Whether new clients can be registered. */
  abstract readonly isAvailable: boolean;

  /** Adds a step to what makes the others agree with this node after it could not reach them; in the order of these calls. */
  onReturn(step: () => Promise<void>): void {
    this.steps.push(step);
  }

  protected async restore(): Promise<void> {
    for (const step of this.steps) await step();
  }
}
