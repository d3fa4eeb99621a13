import { Injectable } from '@nestjs/common';
import type { EventPattern } from '../common/event-types.js';
import { Log } from '../logging/log.js';
import { EventJournal, type Following } from './event-journal.js';
import { EventListeners, type ServerEventListener } from './event-listeners.js';
import { RelayedSignals } from './relayed-signals.js';

/**
 * Events of all nodes for the modules of an application, as `ServerEvents` emits those of this node. Listeners hear
 * them soon after they were emitted, in one order on all nodes. During an outage of the backplane listeners hear
 * nothing; afterwards they hear the events that the nodes have kept meanwhile.
 */
@Injectable()
export class ClusterEvents {
  private readonly listeners: EventListeners;
  private following?: Following;
  private watching?: Following;

  /** @internal */
  constructor(
    private readonly journal: EventJournal,
    private readonly signals: RelayedSignals,
    log: Log,
  ) {
    this.listeners = new EventListeners(log);
  }

  /**
   * Calls a listener for each event of all nodes, those of this one included.
   * @param pattern as for `ServerEvents.on`
   * @returns a function that ends it
   */
  on<P extends EventPattern>(pattern: P, listener: ServerEventListener<P>): () => void {
    const remove = this.listeners.add(pattern, listener);
    this.following ??= this.follow();
    if (this.listeners.has('signal.relayed'))
      this.watching ??= this.signals.listen((event) => this.listeners.tell(event));
    return () => {
      remove();
      if (!this.listeners.has('signal.relayed')) {
        this.watching?.stop();
        this.watching = undefined;
      }
      if (!this.listeners.isEmpty) return;
      this.following?.stop();
      this.following = undefined;
    };
  }

  private follow(): Following {
    return this.journal.follow(({ entries }) => {
      // Signals come from their nodes, also if the journal has them.
      for (const { event } of entries) if (event.type !== 'signal.relayed') this.listeners.tell(event);
    });
  }
}
