import { Injectable } from '@nestjs/common';
import { type Block, BlockStore, type NewBlock } from '../../blocks/block-store.js';

interface Stored {
  readonly block: NewBlock;
  /** Of `performance.now()`. */
  readonly endsAt: number;
}

/** BlockStore in the memory of a process. */
@Injectable()
export class MemoryBlockStore extends BlockStore {
  private readonly blocks = new Map<string, Stored>();

  override put(block: NewBlock, forMs: number, max: number): Promise<boolean> {
    this.forgetEnded();
    if (!this.blocks.has(block.id) && this.blocks.size >= max) return Promise.resolve(false);
    this.blocks.set(block.id, { block: { ...block }, endsAt: performance.now() + forMs });
    return Promise.resolve(true);
  }

  override remove(id: string): Promise<boolean> {
    this.forgetEnded();
    return Promise.resolve(this.blocks.delete(id));
  }

  override list(): Promise<readonly Block[]> {
    this.forgetEnded();
    const now = performance.now();
    const stored = [...this.blocks.values()].sort((one, other) => one.endsAt - other.endsAt);
    return Promise.resolve(
      stored.map(({ block, endsAt }) => {
        const remainingMs = Math.ceil(endsAt - now);
        return { ...block, until: Date.now() + remainingMs, remainingMs };
      }),
    );
  }

  private forgetEnded(): void {
    const now = performance.now();
    for (const [id, { endsAt }] of this.blocks) if (endsAt <= now) this.blocks.delete(id);
  }
}
