/** Port: the connection of this node to the state that it shares with other nodes. */
export abstract class Backplane {
  private readonly steps: (() => Promise<void>)[] = [];

  /** Whether new clients can be registered. */
  abstract readonly isAvailable: boolean;

  /** Adds a step to the reconciliation after an outage. Steps run one after the other. */
  onReconnect(step: () => Promise<void>): void {
    this.steps.push(step);
  }

  /** Runs the steps. */
  protected async reconcileServices(): Promise<void> {
    for (const step of this.steps) await step();
  }
}
