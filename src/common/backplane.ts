/**
 * Port: the connection of this node to the state that it shares with other nodes.
 *
 * A backplane consists of this port and four others, of which each node has one instance: `ClientDirectory`,
 * `RoomStore`, `OfflineQueue` and `MessageBus`. While the shared state cannot be reached, their operations reject with
 * DomainError UNAVAILABLE, within a bounded time. Such an operation may have taken effect.
 *
 * When a node stops or dies, its backplane, or that of another node, removes what the node still owns: its members
 * leave their rooms as with `RoomStore.leave`, its ids are released as with `ClientDirectory.release`, and signals that
 * it has not read are returned (`MessageBus.onReturned`).
 */
export abstract class Backplane {
  private readonly steps: (() => Promise<void>)[] = [];

  /**
   * Whether the shared state can be reached and agrees with this node. While it is false, new clients are refused and
   * `/health/ready` reports the outage; connected clients stay. Read for each new connection.
   */
  abstract readonly isAvailable: boolean;

  /** Adds a step to the reconciliation after an outage. Steps run one after the other. */
  onReconnect(step: () => Promise<void>): void {
    this.steps.push(step);
  }

  /**
   * Makes the shared state agree with this node: runs the steps, which call `restore` of the directory and of the
   * rooms. An implementation calls it when the shared state can be reached again after an operation has failed or the
   * state was lost, and sets `isAvailable` when it resolves.
   * @throws the error of the first step that fails, after which the others do not run; call it again
   */
  protected async reconcileServices(): Promise<void> {
    for (const step of this.steps) await step();
  }
}
