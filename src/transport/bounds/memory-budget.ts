import { Injectable } from '@nestjs/common';
import { LimitOptions } from '../../config/sections/limit.options.js';
import type { OpenConnection } from '../lifecycle/connections.js';

type Holder = readonly [connection: OpenConnection, bytes: number];

/**
 * Bounds the memory that clients hold together: what waits to be written to them, messages whose end has not come, what is
 * kept for them, and signals that wait for absent ones. It is looked at from time to time, so that it costs nothing for each frame.
 */
@Injectable()
export class MemoryBudget {
  private heldBytes = 0;
  private readonly others: (() => number)[] = [];

  constructor(private readonly limits: LimitOptions) {}

  /** Counts memory in that no connection holds. */
  include(bytes: () => number): void {
    this.others.push(bytes);
  }

  /** Bytes that were held at the last look, before connections were ended for them. */
  get bytes(): number {
    return this.heldBytes;
  }

  /** Whether newcomers are refused: until the next look after the budget was exceeded. */
  get isExceeded(): boolean {
    return this.heldBytes > this.limits.maxHeldBytes;
  }

  /** Adds up what connections hold, and ends those that hold most until the rest is within the budget. */
  look(connections: Iterable<OpenConnection>): void {
    const holders: Holder[] = [];
    this.heldBytes = this.others.reduce((sum, bytes) => sum + bytes(), 0);
    for (const connection of connections) {
      const bytes = connection.heldBytes;
      if (bytes === 0) continue;
      this.heldBytes += bytes;
      holders.push([connection, bytes]);
    }
    if (this.isExceeded) this.endLargest(holders);
  }

  private endLargest(holders: Holder[]): void {
    let rest = this.heldBytes;
    for (const [connection, bytes] of holders.sort(([, a], [, b]) => b - a)) {
      if (rest <= this.limits.maxHeldBytes) return;
      rest -= bytes;
      // The goodbye goes out if nothing waits before it; what waits is not kept for it.
      connection.end('memory exceeded');
      connection.cut('memory exceeded');
    }
  }
}
