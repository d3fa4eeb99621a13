import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Connections } from './connections.js';
import { MemoryBudget } from '../bounds/memory-budget.js';
import { Places } from '../bounds/places.js';

/** How often the connections are looked at between two pings of one of them. */
const LOOKS = 20;

/**
 * Pings every connection and cuts those that give no sign of life, with one timer for all. Pings are spread over the
 * interval, because each connection starts at a random point of it.
 */
@Injectable()
export class HeartbeatService implements OnModuleInit, OnApplicationShutdown {
  private timer?: NodeJS.Timeout;
  private lookedAt = performance.now();
  private readonly lookMs: number;

  constructor(
    private readonly connections: Connections,
    private readonly places: Places,
    private readonly budget: MemoryBudget,
  ) {
    this.lookMs = Math.min(1000, Math.ceil(connections.pingIntervalMs / LOOKS));
  }

  onModuleInit(): void {
    this.timer = setInterval(() => {
      this.look();
    }, this.lookMs);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const now = performance.now();
    this.connections.clockMs += Math.min(now - this.lookedAt, 2 * this.lookMs);
    this.lookedAt = now;
    this.connections.clockedAt = Date.now();
    const { clockMs, deadAfterMs } = this.connections;
    for (const connection of this.connections) connection.beat(clockMs, deadAfterMs);
    this.places.endUnused(clockMs);
    this.places.forgetAbsent();
    this.budget.look(this.connections);
  }
}
