import { Injectable } from '@nestjs/common';
import type { EndReason, Goodbye } from '../../common/end-reason.js';
import { HeartbeatOptions } from '../../config/sections/heartbeat.options.js';
import type { Place } from '../bounds/places.js';

/** A client, as far as its connection knows it. */
export interface KeptClient {
  /** Bytes that are kept for it. */
  readonly keptBytes: number;
}

/** A connection of a client, or of what may become one. */
export interface OpenConnection {
  readonly place: Place;
  /** Memory that it holds: what waits to be written, what has come in part, what is kept for its client. */
  readonly heldBytes: number;
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
  /** When the heartbeat last moved it: milliseconds since 1970. */
  clockedAt = Date.now();
  /** Milliseconds between two pings of a connection: several fit into the time after which it counts as dead. */
  readonly pingIntervalMs: number;
  /** Milliseconds of silence after which a connection counts as dead. */
  readonly deadAfterMs: number;

  private readonly open = new Set<OpenConnection>();
  private readonly goodbyes = new Set<Promise<void>>();
  private onEmpty?: () => void;

  constructor({ pingIntervalMs, deadAfterMs }: HeartbeatOptions) {
    this.deadAfterMs = deadAfterMs;
    this.pingIntervalMs = Math.min(pingIntervalMs, deadAfterMs * 0.4);
  }

  get size(): number {
    return this.open.size;
  }

  add(connection: OpenConnection): void {
    this.open.add(connection);
  }

  remove(connection: OpenConnection): void {
    if (!this.open.delete(connection)) return;
    connection.place.giveBack();
    this.notice();
  }

  /** Notes what is still being done for a client that has gone; returns it. */
  track(work: void | Promise<void>): void | Promise<void> {
    if (!work) return undefined;
    const done = work.finally(() => {
      this.goodbyes.delete(done);
      this.notice();
    });
    this.goodbyes.add(done);
    return done;
  }

  [Symbol.iterator](): Iterator<OpenConnection> {
    return this.open.values();
  }

  /** Resolves as soon as no connection is open, and nothing is left to be done for those that were. */
  async emptied(): Promise<void> {
    if (this.isEmpty) return;
    await new Promise<void>((resolve) => (this.onEmpty = resolve));
  }

  private get isEmpty(): boolean {
    return this.open.size === 0 && this.goodbyes.size === 0;
  }

  private notice(): void {
    if (this.isEmpty) this.onEmpty?.();
  }
}
