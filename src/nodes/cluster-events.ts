import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { MessageBus } from '../common/message-bus.js';
import { NodeCalls } from '../common/node-calls.js';
import { NodeIdentity } from '../common/node-identity.js';
import { SERVER_EVENTS, type ServerEventMap, type ServerEventName, ServerEvents } from '../common/server-events.js';

const WATCH = 'watch events';

/** Interval at which a watching node repeats its request, so that new nodes receive it. */
const RENEW_MS = 5000;
/** Time without a request after which a node no longer counts as watching. */
const FORGET_MS = 3 * RENEW_MS;

type Listener = (name: ServerEventName, event: ServerEventMap[ServerEventName][0]) => void;

/** A listener for the events of all nodes. */
export interface Subscription {
  readonly ready: Promise<void>;
  stop(): void;
}

/** The events of all nodes. Other nodes send theirs only while this node has listeners. */
@Injectable()
export class ClusterEvents implements OnApplicationShutdown {
  private readonly listeners = new Set<Listener>();
  /** Nodes that watch this one, with the expiry time of each, as `performance.now()`. */
  private readonly watchers = new Map<string, number>();
  private renewal?: NodeJS.Timeout;
  private watching = Promise.resolve();

  constructor(
    events: ServerEvents,
    private readonly bus: MessageBus,
    private readonly calls: NodeCalls,
    private readonly node: NodeIdentity,
  ) {
    for (const name of SERVER_EVENTS) events.on(name, (event) => this.happened(name, event));
    calls.handle(WATCH, (watcher: string) => void this.watchers.set(watcher, performance.now() + FORGET_MS));
    bus.onMessage('event', ({ name, event }) => this.tell(name, event));
  }

  /** Calls a listener for each event until it is stopped. Once it is ready, it misses no event of any node. */
  listen(listener: Listener): Subscription {
    this.listeners.add(listener);
    if (!this.renewal) {
      this.renewal = setInterval(() => void this.watchOthers(), RENEW_MS).unref();
      this.watching = this.watchOthers();
    }
    const stop = (): void => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.stopWatching();
    };
    return { ready: this.watching, stop };
  }

  get listenerCount(): number {
    return this.listeners.size;
  }

  onApplicationShutdown(): void {
    this.stopWatching();
  }

  private stopWatching(): void {
    clearInterval(this.renewal);
    this.renewal = undefined;
  }

  /** Never rejects: nodes that cannot be reached are asked again at the next interval. */
  private async watchOthers(): Promise<void> {
    const nodes = await this.bus.nodes().catch(() => []);
    const others = nodes.filter((name) => name !== this.node.name);
    await Promise.allSettled(others.map((name) => this.calls.call(name, WATCH, this.node.name)));
  }

  private happened<E extends ServerEventName>(name: E, event: ServerEventMap[E][0]): void {
    this.tell(name, event);
    for (const [watcher, until] of this.watchers) {
      if (until < performance.now()) this.watchers.delete(watcher);
      // The watching node is gone, and no longer needs the event.
      else this.bus.send(watcher, { version: 1, type: 'event', name, event }).catch(() => undefined);
    }
  }

  private tell(name: ServerEventName, event: ServerEventMap[ServerEventName][0]): void {
    for (const listener of this.listeners) listener(name, event);
  }
}
