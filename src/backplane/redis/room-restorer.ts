import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { allDone } from '../../common/all-done.js';
import { isUnavailable } from '../../common/domain-error.js';
import { isGroupRoom } from '../../common/group.js';
import { ClusterOptions } from '../../config/sections/cluster.options.js';
import type { IsMember } from '../../rooms/room-store.js';
import { Keys, qualified, unqualified } from './keys.js';
import { RedisConnection } from './redis-connection.js';
import { attributesText, headOf } from './room-arguments.js';
import { RoomOperations } from './room-operations.js';

/** Rooms that are restored, or inspected, at the same time. */
const RESTORED_AT_ONCE = 200;

interface RoomName {
  readonly realm: string;
  readonly id: string;
}

/** Reconciles rooms in Redis with the replicas of this node, after the node could not reach Redis. */
@Injectable()
export class RoomRestorer {
  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: Keys,
    private readonly options: ClusterOptions,
    private readonly operations: RoomOperations,
  ) {}

  /** As `RoomStore.restore`. */
  async restore(node: string, isMember: IsMember): Promise<void> {
    await this.removeUnknown(node, isMember);
    await this.forEachReplica((name) => this.restoreRoom(node, name, isMember));
    void this.inspectLater();
  }

  /** Removes members that Redis has on a node and the node has not. */
  private async removeUnknown(node: string, isMember: IsMember): Promise<void> {
    const entries = await this.redis.ask((client) => client.smembers(this.keys.rooms.membersOf(node)));
    for (const entry of entries) {
      const end = entry.lastIndexOf('\n');
      const [room, member] = [entry.slice(0, end), entry.slice(end + 1)];
      const { realm, id } = unqualified(room);
      if (isMember(realm, id, JSON.parse(member) as string)) continue;
      await ignoringRefusals(this.operations.run('leaveRoom', room, member));
    }
  }

  private async restoreRoom(node: string, { realm, id }: RoomName, isMember: IsMember): Promise<void> {
    const replica = this.operations.replicas.find(realm, id);
    if (!replica) return;
    const { room, sequences } = replica;
    const members = room.members.flatMap((member, at) => {
      if (member.node !== node || !isMember(realm, id, member.id)) return [];
      return [JSON.stringify(member.id), sequences[at]!, member.joinedAt, attributesText(member.attributes)];
    });
    const { since, version, creator, attributes, isPermanent } = room;
    await this.operations.run(
      'restoreRoom',
      qualified(realm, id),
      headOf(room),
      isGroupRoom(id) ? 1 : 0,
      since,
      version,
      creator === undefined ? '' : JSON.stringify(creator),
      attributesText(attributes),
      isPermanent ? 1 : 0,
      ...members,
    );
  }

  /**
   * Inspects all rooms once the other nodes have had time to restore their members: any still missing then has left.
   */
  private async inspectLater(): Promise<void> {
    await sleep(this.options.nodeTimeoutMs, undefined, { ref: false });
    // If Redis is away again, its return leads here once more.
    await this.forEachReplica(({ realm, id }) => this.operations.run('inspectRoom', qualified(realm, id))).catch(
      () => undefined,
    );
  }

  /** Runs a task for each room with members on this node, for a bounded number at a time. */
  private async forEachReplica(task: (name: RoomName) => Promise<unknown>): Promise<void> {
    const names = this.operations.replicas.names();
    for (let at = 0; at < names.length; at += RESTORED_AT_ONCE) {
      await allDone(names.slice(at, at + RESTORED_AT_ONCE).map(task));
    }
  }
}

async function ignoringRefusals(operation: Promise<unknown>): Promise<void> {
  try {
    await operation;
  } catch (error) {
    if (isUnavailable(error)) throw error;
  }
}
