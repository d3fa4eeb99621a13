import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import type { Connection } from './connection.js';

/** The open WebSocket connections of this node, whatever their protocol. */
@Injectable()
export class Connections {
  /**
   * Milliseconds of a coarse clock that the heartbeat moves. It stands still while the event loop does, so that a stalled
   * server does not take its own silence for that of its clients.
   */
  clockMs = 0;
  /** Milliseconds between two pings of a connection: several fit into the time after which it counts as dead. */
  readonly pingIntervalMs: number;

  private readonly open = new Set<Connection>();
  private readonly perAddress = new Map<string, number>();
  private onEmpty?: () => void;

  constructor({ pingIntervalMs, deadAfterMs }: Config) {
    this.pingIntervalMs = Math.min(pingIntervalMs, deadAfterMs * 0.4);
  }

  get size(): number {
    return this.open.size;
  }

  add(connection: Connection): void {
    this.open.add(connection);
    this.perAddress.set(connection.address, this.countFrom(connection.address) + 1);
  }

  remove(connection: Connection): void {
    if (!this.open.delete(connection)) return;
    const rest = this.countFrom(connection.address) - 1;
    if (rest === 0) this.perAddress.delete(connection.address);
    else this.perAddress.set(connection.address, rest);
    if (this.open.size === 0) this.onEmpty?.();
  }

  /** How many there are from one IP address. */
  countFrom(address: string): number {
    return this.perAddress.get(address) ?? 0;
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.open.values();
  }

  /** Resolves as soon as no connection is open. */
  async emptied(): Promise<void> {
    if (this.open.size === 0) return;
    await new Promise<void>((resolve) => (this.onEmpty = resolve));
  }
}
