import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { NodeIdentity } from '../../common/node-identity.js';
import { ClusterOptions } from '../../config/sections/cluster.options.js';
import { Keys } from './keys.js';
import { RedisConnection } from './redis-connection.js';
import type { ScriptName } from './scripts.js';

/** Time after which another node takes over a lease that was not renewed. */
const LEASE_MS = 5000;

/** The answer to an attempt to register: see lua/nodes/register-node.lua. */
export type Registration = 'REGISTERED' | 'NAME_IN_USE' | 'DEAD';

/** Which nodes are alive, and which node has the lease on the removal of a dead one. */
@Injectable()
export class NodeRegistry {
  /** Distinguishes this run of the node from earlier ones of the same name. */
  private readonly run = randomUUID();

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: Keys,
    private readonly node: NodeIdentity,
    private readonly options: ClusterOptions,
  ) {}

  /** The name of this node. */
  get name(): string {
    return this.node.name;
  }

  async register(): Promise<Registration> {
    const { nodeTimeoutMs } = this.options;
    return (await this.runScript('registerNode', this.name, this.run, nodeTimeoutMs)) as Registration;
  }

  /** Records a heartbeat. Resolves with false if this node is not registered, or was declared dead. */
  async heartbeat(): Promise<boolean> {
    return (await this.runScript('heartbeat', this.name, this.run)) === 1;
  }

  /** Declares silent nodes dead. Resolves with the dead nodes whose removal is now leased to this node. */
  async acquireLeases(): Promise<string[]> {
    return (await this.runScript('acquireLeases', this.run, this.options.nodeTimeoutMs, LEASE_MS)) as string[];
  }

  /** Resolves with false if another node has taken the lease over. */
  async renewLease(deadNode: string): Promise<boolean> {
    return (await this.runScript('renewLease', this.run, deadNode)) === 1;
  }

  /** Frees the name of a dead node whose removal is complete. */
  async forgetDeadNode(deadNode: string): Promise<void> {
    await this.runScript('forgetDeadNode', deadNode);
  }

  /** Resolves with the number of nodes left, dead ones that are still to be removed included. */
  async unregister(): Promise<number> {
    return (await this.runScript('unregisterNode', this.name, this.run)) as number;
  }

  private runScript(script: ScriptName, ...args: readonly (string | number)[]): Promise<unknown> {
    return this.redis.run(script, this.keys.nodes.base, ...args);
  }
}
