import { type BusMessage, decodeMessage } from 'signalbox/backplane';
import { HubClientDirectory } from './hub-client-directory.js';
import { HubEventCursors } from './hub-event-cursors.js';
import { HubEventJournal } from './hub-event-journal.js';
import type { QueuedSignal } from './hub-offline-queue.js';
import { HubRoomStore } from './hub-room-store.js';

/** State that the servers of this process share. */
export class Hub {
  readonly directory = new HubClientDirectory();
  readonly rooms = new HubRoomStore();
  readonly journal = new HubEventJournal();
  readonly cursors = new HubEventCursors();
  /** Signals for absent clients, oldest first. */
  readonly signals = new Set<QueuedSignal>();
  private readonly receivers = new Map<string, (message: BusMessage) => void>();

  /** Names of the servers. */
  get nodes(): string[] {
    return [...this.receivers.keys()];
  }

  /** @throws Error if another server has this name */
  add(node: string, receive: (message: BusMessage) => void): void {
    if (this.receivers.has(node)) throw new Error(`two servers of the hub are named ${node}`);
    this.receivers.set(node, receive);
  }

  /** Gives a message to a server. Returns false if it is not here. */
  deliver(node: string, message: Buffer): boolean {
    this.receivers.get(node)?.(decodeMessage(message));
    return this.receivers.has(node);
  }

  /** Removes a server with its clients, which leave their rooms. */
  async remove(node: string): Promise<void> {
    this.receivers.delete(node);
    this.rooms.ignore(node);
    await this.rooms.restore(node, () => false);
    await this.directory.restore(node, [], () => false);
  }
}
