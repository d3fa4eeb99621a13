import { Backplane, type BusMessage, type Config, encodeMessage, MessageBus } from 'signalbox/backplane';
import type { Hub } from './hub.js';
import type { HubClientDirectory } from './hub-client-directory.js';
import type { HubEventCursors } from './hub-event-cursors.js';
import type { HubEventJournal } from './hub-event-journal.js';
import { HubOfflineQueue } from './hub-offline-queue.js';
import type { HubRoomStore } from './hub-room-store.js';

/** The hub is in the same process, and so always available. */
class HubBackplane extends Backplane {
  override readonly isAvailable = true;
}

class HubMessageBus extends MessageBus {
  constructor(
    private readonly hub: Hub,
    node: string,
  ) {
    super();
    hub.add(node, (message) => this.receive(message));
  }

  override async send(node: string, message: BusMessage): Promise<boolean> {
    // A copy, because the server reuses the bytes; in a later microtask, so that no listener runs within this call.
    const bytes = encodeMessage(message);
    await Promise.resolve();
    return this.hub.deliver(node, bytes);
  }

  override nodes(): Promise<string[]> {
    return Promise.resolve(this.hub.nodes);
  }
}

/** The ports of one server. */
export class HubNode {
  readonly backplane = new HubBackplane();
  readonly directory: HubClientDirectory;
  readonly rooms: HubRoomStore;
  readonly queue: HubOfflineQueue;
  readonly bus: HubMessageBus;
  readonly journal: HubEventJournal;
  readonly cursors: HubEventCursors;
  private stopped?: Promise<void>;

  /** @throws Error if another server has this name */
  constructor(
    private readonly hub: Hub,
    private readonly name: string,
    config: Config,
  ) {
    this.bus = new HubMessageBus(hub, name);
    this.directory = hub.directory;
    this.rooms = hub.rooms;
    this.journal = hub.journal;
    this.cursors = hub.cursors;
    this.queue = new HubOfflineQueue(hub.signals, config);
  }

  stop(): Promise<void> {
    return (this.stopped ??= this.hub.remove(this.name));
  }

  /** Called by Nest, after the server has disconnected its clients. */
  onApplicationShutdown(): Promise<void> {
    return this.stop();
  }
}
