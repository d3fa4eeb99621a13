import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type Block, BlockStore, type NewBlock } from '../../blocks/block-store.js';
import { Keys } from './keys.js';
import { RedisConnection } from './redis-connection.js';

/** What this node has read last. */
interface Reading {
  /** Names the contents of Redis; undefined: there are none. */
  readonly epoch?: string;
  readonly blocks: readonly Block[];
  /** Of `performance.now()`. */
  readonly at: number;
}

/** BlockStore on Redis. Blocks end by the clock of Redis. */
@Injectable()
export class RedisBlockStore extends BlockStore {
  private last: Reading = { blocks: [], at: 0 };

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: Keys,
  ) {
    super();
  }

  override async put(block: NewBlock, forMs: number, max: number): Promise<boolean> {
    const { base } = this.keys.blocks;
    const entry = JSON.stringify(block);
    return (await this.redis.run('putBlock', base, block.id, entry, Math.ceil(forMs), max, randomUUID())) === 1;
  }

  override async remove(id: string): Promise<boolean> {
    return (await this.redis.run('removeBlock', this.keys.blocks.base, id)) === 1;
  }

  override async list(): Promise<readonly Block[]> {
    const { last } = this;
    let reading = await this.read();
    if (last.epoch !== undefined && reading.epoch !== last.epoch && (await this.restore(last, reading))) {
      reading = await this.read();
    }
    this.last = reading;
    return reading.blocks;
  }

  /**
   * Puts back what Redis has lost, unless it has ended meanwhile or another node has put it back.
   * @returns whether there was anything
   */
  private async restore({ blocks, at }: Reading, { blocks: found }: Reading): Promise<boolean> {
    const sinceMs = performance.now() - at;
    const lost = blocks.filter(({ id, remainingMs }) => remainingMs > sinceMs && !found.some((one) => one.id === id));
    for (const block of lost) await this.put(block, block.remainingMs - sinceMs, Number.MAX_SAFE_INTEGER);
    return lost.length > 0;
  }

  private async read(): Promise<Reading> {
    const answer = await this.redis.run('listBlocks', this.keys.blocks.base);
    const [epoch, nowMs, ...entries] = answer as [string, string, ...string[]];
    const blocks: Block[] = [];
    for (let at = 0; at < entries.length; at += 2) {
      const until = Number(entries[at + 1]);
      const block = JSON.parse(entries[at]!) as NewBlock;
      blocks.push({ ...block, until, remainingMs: until - Number(nowMs) });
    }
    return { ...(epoch !== '' && { epoch }), blocks, at: performance.now() };
  }
}
