import { Injectable } from '@nestjs/common';
import { LimitOptions } from '../../config/sections/limit.options.js';
import type { OpenConnection } from '../lifecycle/connections.js';

type Holder = readonly [connection: OpenConnection, bytes: number];

/**
 * Bounds the memory that all clients hold together: unsent bytes, incomplete messages, data kept for clients, and
 * signals queued for absent ones. The heartbeat checks it, so that it costs nothing per frame.
 */
@Injectable()
export class MemoryBudget {
  private heldBytes = 0;
  private readonly others: (() => number)[] = [];

  constructor(private readonly limits: LimitOptions) {}

  /** Adds a source of memory that no connection holds. */
  include(bytes: () => number): void {
    this.others.push(bytes);
  }

  /** Bytes held at the last check, before it ended connections. */
  get bytes(): number {
    return this.heldBytes;
  }

  /** Whether new clients are refused: from a check that finds the budget exceeded until the next one. */
  get isExceeded(): boolean {
    return this.heldBytes > this.limits.maxHeldBytes;
  }

  /** Adds up the memory of all connections, and ends the largest holders until the rest is within the budget. */
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
      // The goodbye goes out if nothing waits before it. Otherwise it is dropped with the rest.
      connection.end('memory exceeded');
      connection.cut('memory exceeded');
    }
  }
}
