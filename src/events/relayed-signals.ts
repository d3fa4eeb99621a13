import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { MessageBus } from '../common/message-bus.js';
import { NodeCalls } from '../common/node-calls.js';
import { NodeIdentity } from '../common/node-identity.js';
import type { Following } from './event-journal.js';
import { parseEvent, type ServerEvent } from './server-event.js';

const WATCH = 'watch signals';

/** Interval at which a watching node repeats its request, so that new nodes receive it. */
const RENEW_MS = 5000;
/** Time without a request after which a node no longer counts as watching. */
const FORGET_MS = 3 * RENEW_MS;

type Listener = (event: ServerEvent) => void;

/**
 * Knows who listens for relayed signals, and passes their events on. They would flood the journal: a node sends them to
 * the nodes that have listeners for all nodes. Without listeners, no signal has an event.
 */
@Injectable()
export class RelayedSignals implements OnApplicationShutdown {
  private readonly listeners = new Set<Listener>();
  /** Other nodes that watch this one, with the expiry time of each, as `performance.now()`. */
  private readonly watchers = new Map<string, number>();
  private hasLocalListeners = false;
  private isWanted = false;
  private onChange: (isWanted: boolean) => void = () => undefined;
  private renewal?: NodeJS.Timeout;
  private expiry?: NodeJS.Timeout;
  private watching = Promise.resolve();

  constructor(
    private readonly bus: MessageBus,
    private readonly calls: NodeCalls,
    private readonly node: NodeIdentity,
  ) {
    calls.handle(WATCH, (watcher: string) => this.watched(watcher));
    bus.onMessage('relayed', ({ event }) => this.tell(parseEvent(event)));
  }

  /** Sets the listener for whether anything, on any node, wants to hear of this node's signals. */
  onWanted(listener: (isWanted: boolean) => void): void {
    this.onChange = listener;
  }

  /** Sets whether listeners for the events of this node want to hear of signals. */
  setLocal(hasListeners: boolean): void {
    this.hasLocalListeners = hasListeners;
    this.update();
  }

  /** Calls a listener for each signal of all nodes. */
  listen(listener: Listener): Following {
    const own: Listener = (event) => listener(event);
    this.listeners.add(own);
    if (!this.renewal) {
      this.renewal = setInterval(() => void this.watchOthers(), RENEW_MS).unref();
      this.watching = this.watchOthers();
    }
    this.update();
    const stop = (): void => {
      this.listeners.delete(own);
      if (this.listeners.size === 0) this.stopWatching();
      this.update();
    };
    return { ready: this.watching, stop };
  }

  /** Passes the event of a signal of this node to the listeners for all nodes. */
  relayed(event: ServerEvent): void {
    this.tell(event);
    if (this.watchers.size === 0) return;
    const message = { version: 1, type: 'relayed', event: JSON.stringify(event) } as const;
    // A watching node that is gone no longer needs the event.
    for (const watcher of this.watchers.keys()) this.bus.send(watcher, message).catch(() => undefined);
  }

  onApplicationShutdown(): void {
    this.stopWatching();
    clearInterval(this.expiry);
  }

  private tell(event: ServerEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  private watched(watcher: string): void {
    this.watchers.set(watcher, performance.now() + FORGET_MS);
    this.expiry ??= setInterval(() => this.forgetWatchers(), RENEW_MS).unref();
    this.update();
  }

  private forgetWatchers(): void {
    for (const [watcher, until] of this.watchers) {
      if (until < performance.now()) this.watchers.delete(watcher);
    }
    if (this.watchers.size === 0) {
      clearInterval(this.expiry);
      this.expiry = undefined;
    }
    this.update();
  }

  private update(): void {
    const isWanted = this.hasLocalListeners || this.listeners.size > 0 || this.watchers.size > 0;
    if (isWanted === this.isWanted) return;
    this.isWanted = isWanted;
    this.onChange(isWanted);
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
}
