import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Backplane } from '../common/backplane.js';
import { DomainError, isUnavailable } from '../common/domain-error.js';
import { MessageBus } from '../common/message-bus.js';
import { NodeCalls } from '../common/node-calls.js';
import { NodeIdentity } from '../common/node-identity.js';
import { type Block, BlockStore, type NewBlock } from './block-store.js';
import { BlocksHere } from './blocks-here.js';

/** Maximum number of blocks. */
export const MAX_BLOCKS = 1000;

const REFRESH = 'refresh blocks';

/** Makes and ends blocks on all nodes. */
@Injectable()
export class BlocksService implements OnApplicationBootstrap {
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: BlockStore,
    private readonly here: BlocksHere,
    private readonly bus: MessageBus,
    private readonly calls: NodeCalls,
    private readonly node: NodeIdentity,
    backplane: Backplane,
  ) {
    calls.handle(REFRESH, () => this.refresh());
    backplane.onReconnect(() => this.refresh());
  }

  /** A backplane need not reconcile at the start. One that is away then reconciles later. */
  async onApplicationBootstrap(): Promise<void> {
    await this.refresh().catch((error: unknown) => {
      if (!isUnavailable(error)) throw error;
    });
  }

  /**
   * Blocks an address or a user for a time, on all nodes. A block of the same id is replaced.
   * @returns the block. Nodes that do not respond learn of it when they are back
   * @throws DomainError LIMIT_REACHED, UNAVAILABLE
   */
  async add(block: NewBlock, forMs: number): Promise<Block> {
    if (!(await this.store.put(block, forMs, MAX_BLOCKS))) {
      throw new DomainError('LIMIT_REACHED', { what: 'blocks', limit: MAX_BLOCKS });
    }
    await this.spread();
    return { ...block, until: block.since + forMs, remainingMs: forMs };
  }

  /**
   * Ends a block on all nodes.
   * @returns whether it was in force
   * @throws DomainError UNAVAILABLE
   */
  async remove(id: string): Promise<boolean> {
    const wasThere = await this.store.remove(id);
    if (wasThere) await this.spread();
    return wasThere;
  }

  /**
   * Returns the blocks in force, the next to end first.
   * @throws DomainError UNAVAILABLE
   */
  list(): Promise<readonly Block[]> {
    return this.store.list();
  }

  /** Lets all nodes read the blocks again. */
  private async spread(): Promise<void> {
    const names = await this.bus.nodes();
    const others = names.filter((name) => name !== this.node.name);
    // A node that does not respond now gets the call later, or reads the blocks when it is connected again.
    const calls = others.map((name) => this.calls.call(name, REFRESH, {}).catch(() => undefined));
    await Promise.all([this.refresh(), ...calls]);
  }

  /** One after the other, so that no older list replaces a newer one. */
  private refresh(): Promise<void> {
    const reading = this.last
      .catch(() => undefined)
      .then(async () => {
        this.here.replace(await this.store.list());
      });
    this.last = reading;
    return reading;
  }
}
