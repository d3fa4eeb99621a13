import { Injectable } from '@nestjs/common';
import type { EndReason, Goodbye } from '../../common/end-reason.js';
import { HeartbeatOptions } from '../../config/sections/heartbeat.options.js';
import type { Place } from '../bounds/places.js';

/** A client as its connection sees it. */
export interface KeptClient {
  /** Bytes of memory kept for the client. */
  readonly keptBytes: number;
}

/** A connection of a client, or one that may become a client's. */
export interface OpenConnection {
  /** Absent for a connection that takes no place. */
  readonly place?: Place;
  /** Bytes of memory held: unsent bytes, incomplete messages, data kept for the client. */
  readonly heldBytes: number;
  /**
   * Checks for signs of life and sends due pings, unless a library does. Times in milliseconds, of
   * `Connections.clockMs`.
   */
  beat(clockMs: number, deadAfterMs: number): void;
  /** Ends the connection with a goodbye. */
  end(reason: Goodbye): void;
  /** Ends the connection without a goodbye. */
  cut(reason: EndReason): void;
}

/** The open connections of this node, of all protocols. */
@Injectable()
export class Connections {
  /**
   * A coarse clock in milliseconds that the heartbeat advances. It stops while the event loop is stalled, so that the
   * server does not take its own silence for that of its clients.
   */
  clockMs = 0;
  /** Time at which the heartbeat last advanced the clock, in milliseconds since 1970. */
  clockedAt = Date.now();
  /** Milliseconds between two pings of a connection, at most 40 % of the silence after which it counts as dead. */
  readonly pingIntervalMs: number;
  /** Milliseconds of silence after which a connection counts as dead. */
  readonly deadAfterMs: number;

  private readonly open = new Set<OpenConnection>();
  private readonly cleanups = new Set<Promise<void>>();
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
    connection.place?.giveBack();
    this.checkEmpty();
  }

  /** Tracks the cleanup for a client that has gone, and returns it. */
  track(work: void | Promise<void>): void | Promise<void> {
    if (!work) return undefined;
    const done = work.finally(() => {
      this.cleanups.delete(done);
      this.checkEmpty();
    });
    this.cleanups.add(done);
    return done;
  }

  [Symbol.iterator](): Iterator<OpenConnection> {
    return this.open.values();
  }

  /** Resolves when no connection is open and all cleanups are done. */
  async emptied(): Promise<void> {
    if (this.isEmpty) return;
    await new Promise<void>((resolve) => (this.onEmpty = resolve));
  }

  private get isEmpty(): boolean {
    return this.open.size === 0 && this.cleanups.size === 0;
  }

  private checkEmpty(): void {
    if (this.isEmpty) this.onEmpty?.();
  }
}
