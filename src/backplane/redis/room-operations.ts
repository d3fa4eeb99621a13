import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import { NodeIdentity } from '../../common/node-identity.js';
import type { RoomChange, RoomListener } from '../../common/room.js';
import { ClusterOptions } from '../../config/sections/cluster.options.js';
import { Inboxes } from './inboxes.js';
import { Keys, unqualified } from './keys.js';
import { RedisConnection } from './redis-connection.js';
import { type Applied, RoomReplicas, type StoredChange } from './room-replicas.js';
import type { ScriptName } from './scripts.js';

/** A script that changes rooms, and publishes the changes. */
export type RoomScript = Extract<
  ScriptName,
  | 'createRoom'
  | 'joinRoom'
  | 'enterRooms'
  | 'setMemberAttributes'
  | 'setRoomAttributes'
  | 'leaveRoom'
  | 'endRoom'
  | 'moveMember'
  | 'restoreRoom'
  | 'inspectRoom'
>;

interface Pending {
  readonly resolve: (applied: readonly Applied[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs operations on rooms, and receives the changes that operations of all nodes publish to this one. An operation is
 * one script. Its outcome arrives in this node's stream of changes, in one order with the changes of other nodes, and
 * ends the operation.
 */
@Injectable()
export class RoomOperations {
  readonly replicas: RoomReplicas;
  private readonly pending = new Map<string, Pending>();
  private listener: RoomListener = () => undefined;
  private lastOperation = 0;

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: Keys,
    private readonly node: NodeIdentity,
    private readonly options: ClusterOptions,
    inboxes: Inboxes,
  ) {
    this.replicas = new RoomReplicas(node.name);
    inboxes.onRoomChanges((text, operation) => this.receive(text, operation));
  }

  /** Sets the listener for changes in rooms that have members on this node. */
  onChanges(listener: RoomListener): void {
    this.listener = listener;
  }

  /**
   * Runs an operation. Resolves once this node has applied the changes and called the listener.
   * @throws DomainError for a refusal of the script; UNAVAILABLE
   */
  async run(script: RoomScript, ...args: readonly (string | number)[]): Promise<readonly Applied[]> {
    const operation = String(++this.lastOperation);
    const applied = new Promise<readonly Applied[]>((resolve, reject) => {
      this.pending.set(operation, { resolve, reject });
    });
    // It may reject while the script is still running, before anything awaits it.
    applied.catch(() => undefined);
    const timer = setTimeout(() => {
      this.redis.failures++;
      this.pending.get(operation)?.reject(new DomainError('UNAVAILABLE', {}));
    }, this.options.redisTimeoutMs);
    try {
      const answer = (await this.redis.run(
        script,
        this.keys.rooms.base,
        this.node.name,
        operation,
        ...args,
      )) as string[];
      if (answer[0] === 'UNAVAILABLE') this.redis.failures++;
      throwRefusal(answer);
      return await applied;
    } finally {
      clearTimeout(timer);
      this.pending.delete(operation);
    }
  }

  private receive(text: string, operation: string | undefined): void {
    const batches = JSON.parse(text) as StoredChange[][];
    const applied = batches.map((batch) => batch.map((change) => this.replicas.apply(change)));
    for (const batch of applied) {
      const changes: RoomChange[] = batch.flatMap((one) => one.changes);
      if (changes.length > 0) this.listener(changes);
    }
    if (operation !== undefined) this.pending.get(operation)?.resolve(applied.flat());
  }
}

/** @throws DomainError for the refusal of a script */
function throwRefusal([code, about = '']: readonly string[]): void {
  switch (code) {
    case 'OK':
      return;
    case 'ROOMS_LIMIT':
      throw new DomainError('LIMIT_REACHED', { what: 'rooms', limit: Number(about) });
    case 'REALM_LIMIT':
      throw new DomainError('LIMIT_REACHED', { what: 'rooms of a realm', limit: Number(about) });
    case 'ADDRESS_LIMIT':
      throw new DomainError('LIMIT_REACHED', { what: 'rooms of an address', limit: Number(about) });
    case 'MEMBERS_LIMIT':
      throw new DomainError('LIMIT_REACHED', { what: 'members of a room', limit: Number(about) });
    case 'ROOM_EXISTS':
    case 'ROOM_NOT_FOUND':
    case 'ALREADY_IN_ROOM':
    case 'NOT_IN_ROOM':
    case 'NOT_ROOM_CREATOR':
      throw new DomainError(code, { room: unqualified(about).id });
    default:
      // This node has no stream: Redis has lost it, or the node was declared dead.
      throw new DomainError('UNAVAILABLE', {});
  }
}
