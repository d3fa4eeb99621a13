import { Injectable } from '@nestjs/common';
import { Log } from '../../logging/log.js';
import { NodeRegistry } from './node-registry.js';
import { RedisClientDirectory } from './redis-client-directory.js';
import { RedisMessageBus } from './redis-message-bus.js';
import { RedisOfflineQueue } from './redis-offline-queue.js';
import { RedisRoomStore } from './redis-room-store.js';
import type { RenewLease } from './removal-lease.js';

/** Removes what dead nodes, and this node when it stops, own in Redis. */
@Injectable()
export class NodeRemover {
  constructor(
    private readonly registry: NodeRegistry,
    private readonly directory: RedisClientDirectory,
    private readonly rooms: RedisRoomStore,
    private readonly queue: RedisOfflineQueue,
    private readonly bus: RedisMessageBus,
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
    await this.removeOwned(this.registry.name, () => Promise.resolve(true));
    if ((await this.registry.unregister()) !== 0) return;
    await this.directory.clear();
    await this.rooms.clear();
    await this.queue.clear();
  }

  private async removeDeadNode(node: string): Promise<void> {
    const renewLease: RenewLease = () => this.registry.renewLease(node);
    await this.removeOwned(node, renewLease);
    if (await renewLease()) await this.registry.forgetDeadNode(node);
  }

  private async removeOwned(node: string, renewLease: RenewLease): Promise<void> {
    await this.rooms.removeMembersOf(node, renewLease);
    await this.directory.releaseIdsOf(node, renewLease);
    await this.bus.returnUndelivered(node, renewLease);
  }
}
