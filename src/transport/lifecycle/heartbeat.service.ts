import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { MemoryBudget } from '../bounds/memory-budget.js';
import { Places } from '../bounds/places.js';
import { Connections } from './connections.js';

/** Number of checks per ping interval. */
const CHECKS_PER_INTERVAL = 20;

/**
 * Lets every connection send its pings and end if it is dead, with one timer for all connections. Each connection
 * starts at a random point of the ping interval, so that the pings are spread evenly.
 */
@Injectable()
export class HeartbeatService implements OnModuleInit, OnApplicationShutdown {
  private timer?: NodeJS.Timeout;
  private checkedAt = performance.now();
  private readonly checkMs: number;

  constructor(
    private readonly connections: Connections,
    private readonly places: Places,
    private readonly budget: MemoryBudget,
  ) {
    this.checkMs = Math.min(1000, Math.ceil(connections.pingIntervalMs / CHECKS_PER_INTERVAL));
  }

  onModuleInit(): void {
    this.timer = setInterval(() => {
      this.check();
    }, this.checkMs);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private check(): void {
    const now = performance.now();
    this.connections.clockMs += Math.min(now - this.checkedAt, 2 * this.checkMs);
    this.checkedAt = now;
    this.connections.clockedAt = Date.now();
    const { clockMs, deadAfterMs } = this.connections;
    for (const connection of this.connections) connection.beat(clockMs, deadAfterMs);
    this.places.endUnused(clockMs);
    this.places.forgetAbsent();
    this.budget.look(this.connections);
  }
}
