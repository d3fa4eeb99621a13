import { Injectable } from '@nestjs/common';
import { NodeIdentity } from '../common/node-identity.js';
import { Log } from '../logging/log.js';
import { ClusterEvents } from './cluster-events.js';
import { EventJournal } from './event-journal.js';
import { EventListeners, type ServerEventListener } from './event-listeners.js';
import { EventStamps } from './event-stamps.js';
import type { EventHead, EventPattern, ServerEvent } from './server-event.js';

/** An event without what it gets when it is emitted. A `node` or `id` of its own stays. */
export type NewEvent<E extends ServerEvent = ServerEvent> = E extends ServerEvent
  ? Omit<E, 'id' | 'at' | 'node'> & Partial<Pick<EventHead, 'id' | 'node'>>
  : never;

/**
 * Events of this node for the modules of an application. Listeners run synchronously and must be fast; promises that
 * they return are not awaited. An error or rejection of a listener is logged with its event, and affects neither the
 * server nor other listeners. Listeners share an event and must not change it.
 *
 * Of one connection the events come in the order `client.connected`, `room.joined`, `room.left`, `client.disconnected`;
 * `room.created` comes before the first `room.joined` of the room. The node that cleans up after a dead node emits
 * `room.left` and `client.disconnected` (`node lost`) for its clients.
 */
@Injectable()
export class ServerEvents {
  private readonly listeners: EventListeners;
  private readonly stamps: EventStamps;

  /** @internal */
  constructor(
    /** The events of all nodes. */
    readonly cluster: ClusterEvents,
    private readonly journal: EventJournal,
    node: NodeIdentity,
    log: Log,
  ) {
    this.stamps = new EventStamps(node.name);
    this.listeners = new EventListeners(({ type, id }, err) => {
      log.logger.error({ err, event: type, id }, 'a listener of an event has failed');
    });
  }

  /**
   * Calls a listener for each event of this node.
   * @param pattern a type; `room.*` and the like for all types that begin so; `*` for all but `signal.relayed`
   * @returns a function that ends it
   */
  on<P extends EventPattern>(pattern: P, listener: ServerEventListener<P>): () => void {
    return this.listeners.add(pattern, listener);
  }

  /** @internal Whether anything on this node hears an event of a type that is not in the journal. */
  isHeard(type: 'signal.relayed'): boolean {
    return this.listeners.has(type);
  }

  /** @internal Emits an event of this node. */
  emit(event: NewEvent): void {
    const stamped = { ...this.stamps.next(), ...event };
    // First: a listener cannot change what other readers get.
    this.journal.append(stamped);
    this.listeners.tell(stamped);
  }
}
