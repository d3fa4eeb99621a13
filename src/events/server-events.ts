import { Injectable } from '@nestjs/common';
import type { EventPattern } from '../common/event-types.js';
import { NodeCalls } from '../common/node-calls.js';
import { NodeIdentity } from '../common/node-identity.js';
import { Log } from '../logging/log.js';
import { ClusterEvents } from './cluster-events.js';
import { EventJournal } from './event-journal.js';
import { EventListeners, type ServerEventListener } from './event-listeners.js';
import { EventStamps } from './event-stamps.js';
import { RelayedSignals } from './relayed-signals.js';
import type { EventHead, ServerEvent } from './server-event.js';

const FLUSH = 'write events';

/** Longest wait for the events of another node. */
const WAIT_MS = 250;
/** Longest wait for the journal. */
const FLUSH_MS = 1000;

/** An event without what it gets when it is emitted. A `node` or `id` of its own stays. */
export type NewEvent<E extends ServerEvent = ServerEvent> = E extends ServerEvent
  ? Omit<E, 'id' | 'at' | 'node'> & Partial<Pick<EventHead, 'id' | 'node'>>
  : never;

/**
 * Events of this node for the modules of an application. Listeners run synchronously and must be fast; promises that
 * they return are not awaited. An error or rejection of a listener is logged with its event, and affects neither the
 * server nor other listeners. Listeners share an event and must not change it.
 *
 * The events of one connection come in the order `client.connected`, `room.joined`, `room.left`, `client.disconnected`;
 * `room.created` comes before the first `room.joined` of the room. The node that cleans up after a dead node emits
 * `room.left` and `client.disconnected` (`node lost`) for its clients.
 */
@Injectable()
export class ServerEvents {
  private readonly listeners: EventListeners;
  private readonly stamps: EventStamps;
  private keepsSignals = false;

  /** @internal */
  constructor(
    /** The events of all nodes. */
    readonly cluster: ClusterEvents,
    private readonly journal: EventJournal,
    private readonly signals: RelayedSignals,
    private readonly calls: NodeCalls,
    node: NodeIdentity,
    log: Log,
  ) {
    this.stamps = new EventStamps(node.name);
    calls.handle(FLUSH, () => this.flush());
    this.listeners = new EventListeners(log);
  }

  /**
   * Calls a listener for each event of this node.
   * @param pattern a type; `room.*` and the like for all types that begin so; `*` for all but `signal.relayed`
   * @returns a function that ends it
   */
  on<P extends EventPattern>(pattern: P, listener: ServerEventListener<P>): () => void {
    const remove = this.listeners.add(pattern, listener);
    this.updateSignals();
    return () => {
      remove();
      this.updateSignals();
    };
  }

  /** @internal Sets whether the signals that clients of this node send are put into the journal, too. */
  keepSignals(keeps: boolean): void {
    this.keepsSignals = keeps;
    this.updateSignals();
  }

  /** @internal Emits an event of this node. */
  emit(event: NewEvent): void {
    // A spread behind other members takes V8 ten times as long as this.
    const stamped: ServerEvent = Object.assign(this.stamps.next(), event);
    // Before the listeners: one that changes the event must not change what readers of the journal get.
    const isSignal = stamped.type === 'signal.relayed';
    if (!isSignal || this.keepsSignals) this.journal.append(stamped);
    if (isSignal) this.signals.relayed(stamped);
    this.listeners.tell(stamped);
  }

  /** @internal Appends later events of this node behind those that another node has emitted so far, if it answers. */
  waitFor(node: string): void {
    this.journal.hold(this.calls.call(node, FLUSH, null, WAIT_MS).catch(() => undefined));
  }

  /** @internal Resolves when the events so far are in the journal, or it cannot be reached for a second. */
  async flush(): Promise<void> {
    await this.journal.flush(FLUSH_MS);
  }

  private updateSignals(): void {
    this.signals.setLocal(this.keepsSignals || this.listeners.has('signal.relayed'));
  }
}
