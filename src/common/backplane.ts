import type { UserView } from './identity.js';

/** A client of a dead node. */
export interface LostClient extends UserView {
  readonly realm: string;
  readonly id: string;
  readonly protocol: string;
  /** Number that no other client of the node has. */
  readonly session: number;
  readonly address: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** A member that was removed from its room because its node is dead. */
export interface LostMembership {
  readonly realm: string;
  readonly room: string;
  /** Display name of the room. */
  readonly name: string;
  /** Id of the client. */
  readonly client: string;
  /** The client; undefined if another one has taken over its id meanwhile. */
  readonly owner?: LostClient;
  /** Number of members that are left. */
  readonly members: number;
  /** Whether the room has ended. */
  readonly hasEnded: boolean;
}

/** A part of what was removed because its node is dead. */
export interface Loss {
  /** Name of the dead node. */
  readonly node: string;
  readonly memberships?: readonly LostMembership[];
  readonly clients?: readonly LostClient[];
  /** Set in the last part: nothing is left of the node. */
  readonly isComplete?: true;
}

/**
 * Port: the connection of this node to the state that it shares with other nodes.
 *
 * A backplane consists of this port and six others, of which each node has one instance: `ClientDirectory`,
 * `RoomStore`, `OfflineQueue`, `MessageBus`, `EventJournal` and `EventCursors`. While the shared state cannot be
 * reached, their operations reject with DomainError UNAVAILABLE, within a bounded time. Such an operation may have taken
 * effect.
 *
 * When a node stops or dies, its backplane, or that of another node, removes what the node still owns: its members
 * leave their rooms as with `RoomStore.leave`, its ids are released as with `ClientDirectory.release`, and signals that
 * it has not read are returned (`MessageBus.onReturned`). The node that removes what a dead one owned reports it
 * (`reportLoss`): memberships first, then clients, then the node.
 */
export abstract class Backplane {
  private readonly steps: (() => Promise<void>)[] = [];
  private readonly returnListeners: (() => void)[] = [];
  private readonly leaveListeners: (() => void)[] = [];
  private lossListener: (loss: Loss) => Promise<void> = () => Promise.resolve();

  /**
   * Whether the shared state can be reached and agrees with this node. While it is false, new clients are refused and
   * `/health/ready` reports the outage; connected clients stay. Read for each new connection.
   */
  abstract readonly isAvailable: boolean;

  /** Adds a step to the reconciliation after an outage. Steps run one after the other. */
  onReconnect(step: () => Promise<void>): void {
    this.steps.push(step);
  }

  /** Sets the listener for what dead nodes have lost, if this node removes it. */
  onLoss(listener: (loss: Loss) => Promise<void>): void {
    this.lossListener = listener;
  }

  /** Adds a listener for the return of this node: it was removed as dead, or forgotten, and has reconciled its state. */
  onReturn(listener: () => void): void {
    this.returnListeners.push(listener);
  }

  /** Adds a listener that runs before this node leaves the others at its shutdown. */
  onLeave(listener: () => void): void {
    this.leaveListeners.push(listener);
  }

  /**
   * Reports a part of what this node has removed, or is about to remove, of a dead one. An implementation forgets the
   * part only when it resolves: if it rejects, or this node dies, the part is reported again, on any node.
   * @throws DomainError UNAVAILABLE if it could not be recorded
   */
  protected reportLoss(loss: Loss): Promise<void> {
    return this.lossListener(loss);
  }

  /** An implementation calls it as `onReturn` says. */
  protected returned(): void {
    for (const listener of this.returnListeners) listener();
  }

  /** An implementation calls it as `onLeave` says, while the shared state can still be reached. */
  protected leaving(): void {
    for (const listener of this.leaveListeners) listener();
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
