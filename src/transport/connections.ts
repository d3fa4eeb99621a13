import { Injectable } from '@nestjs/common';
import type { EndReason, Goodbye } from '../common/end-reason.js';
import { Config } from '../config/config.js';

/** A connection of a client, or of what may become one. */
export interface OpenConnection {
  readonly address: string;
  /** Looks for a sign of life, if that is ours to do. Times are milliseconds, `clockMs` that of `Connections`. */
  beat(clockMs: number, deadAfterMs: number): void;
  /** Ends it with a goodbye. */
  end(reason: Goodbye): void;
  /** Ends it without. */
  cut(reason: EndReason): void;
}

/** The open connections of this node, whatever their protocol. */
@Injectable()
export class Connections {
  /**
   * Milliseconds of a coarse clock that the heartbeat moves. It stands still while the event loop does, so that a stalled
   * server does not take its own silence for that of its clients.
   */
  clockMs = 0;
  /** Milliseconds between two pings of a connection: several fit into the time after which it counts as dead. */
  readonly pingIntervalMs: number;

  private readonly open = new Set<OpenConnection>();
  private readonly perAddress = new Map<string, number>();
  private onEmpty?: () => void;

  constructor({ pingIntervalMs, deadAfterMs }: Config) {
    this.pingIntervalMs = Math.min(pingIntervalMs, deadAfterMs * 0.4);
  }

  get size(): number {
    return this.open.size;
  }

  add(connection: OpenConnection): void {
    this.open.add(connection);
    this.perAddress.set(connection.address, this.countFrom(connection.address) + 1);
  }

  remove(connection: OpenConnection): void {
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

  [Symbol.iterator](): Iterator<OpenConnection> {
    return this.open.values();
  }

  /** Resolves as soon as no connection is open. */
  async emptied(): Promise<void> {
    if (this.open.size === 0) return;
    await new Promise<void>((resolve) => (this.onEmpty = resolve));
  }
}
