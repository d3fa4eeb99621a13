import { Injectable } from '@nestjs/common';
import type { Loss } from '../../common/backplane.js';
import { isGroupRoom } from '../../common/group.js';
import { Log } from '../../logging/log.js';
import type { LostMember } from './lost-entries.js';
import { NodeRegistry } from './node-registry.js';
import type { RedisClientDirectory } from './redis-client-directory.js';
import type { RedisEventJournal } from './redis-event-journal.js';
import type { RedisMessageBus } from './redis-message-bus.js';
import type { RedisOfflineQueue } from './redis-offline-queue.js';
import type { RedisRoomStore } from './redis-room-store.js';
import type { RenewLease } from './removal-lease.js';

/** The ports in which a node owns something. */
export interface OwnedParts {
  readonly clients: RedisClientDirectory;
  readonly rooms: RedisRoomStore;
  readonly queue: RedisOfflineQueue;
  readonly bus: RedisMessageBus;
  readonly journal: RedisEventJournal;
}

/** Removes what dead nodes, and this node when it stops, own in Redis. */
@Injectable()
export class NodeRemover {
  /** Reports what a dead node has lost. If it rejects, the report is repeated. */
  onLoss: (loss: Loss) => Promise<void> = () => Promise.resolve();

  constructor(
    private readonly registry: NodeRegistry,
    private readonly parts: OwnedParts,
    private readonly log: Log,
  ) {}

  /**
   * Removes the dead nodes on which this node gets a lease. If this node fails meanwhile, another one takes the lease
   * over.
   */
  async removeDeadNodes(): Promise<void> {
    for (const node of await this.registry.acquireLeases()) {
      this.log.logger.warn({ node }, 'removing the clients of a node that has died');
      await this.removeDeadNode(node);
    }
  }

  /** Unregisters this node without a trace. The last node also deletes what belongs to no node. */
  async removeOwnNode(): Promise<void> {
    const { clients, rooms, queue, journal } = this.parts;
    await journal.close();
    // The events of its clients tell that they have left.
    const { name } = this.registry;
    const always = (): Promise<boolean> => Promise.resolve(true);
    await rooms.removeMembersOf(name, always, false);
    await clients.releaseIdsOf(name, always, false);
    await this.parts.bus.returnUndelivered(name, always);
    if ((await this.registry.unregister()) !== 0) return;
    await clients.clear();
    await rooms.clear();
    await queue.clear();
    await journal.clear();
  }

  /** Ends what goes on without Redis. */
  stop(): void {
    this.parts.journal.stop();
  }

  private async removeDeadNode(node: string): Promise<void> {
    const { clients, rooms, bus, journal } = this.parts;
    const renewLease: RenewLease = () => this.registry.renewLease(node);
    await rooms.removeMembersOf(node, renewLease, true);
    // Before their ids are released, which tells who they were.
    await rooms.lostMembers(node).report(renewLease, (members) => this.reportMembers(node, members));
    await clients.releaseIdsOf(node, renewLease, true);
    for (const lost of clients.lostClients(node)) {
      await lost.report(renewLease, (entries) => this.onLoss({ node, clients: entries }));
    }
    await bus.returnUndelivered(node, renewLease);
    if (!(await renewLease())) return;
    await this.onLoss({ node, isComplete: true });
    await journal.forgetNode(node);
    await this.registry.forgetDeadNode(node);
  }

  private async reportMembers(node: string, members: readonly LostMember[]): Promise<void> {
    const ofRooms = members.filter(({ id }) => !isGroupRoom(id));
    const clients = ofRooms.map(({ realm, client: id }) => ({ realm, id }));
    const owners = await this.parts.clients.ownersOf(node, clients);
    const memberships = ofRooms.map(({ id: room, ...rest }, at) => ({ ...rest, room, owner: owners[at] }));
    await this.onLoss({ node, memberships });
  }
}
