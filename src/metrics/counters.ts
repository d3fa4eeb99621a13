import { Injectable } from '@nestjs/common';

/** A number for each of a small, closed set of reasons. */
export class ReasonCounter<R extends string> {
  private readonly counts = new Map<R, number>();

  add(reason: R): void {
    this.counts.set(reason, this.get(reason) + 1);
  }

  get(reason: R): number {
    return this.counts.get(reason) ?? 0;
  }

  entries(): [R, number][] {
    return [...this.counts];
  }
}

/** What this node has counted since its start. */
@Injectable()
export class Counters {
  /** Upgrade requests that were refused, by HTTP status. */
  readonly refusedUpgrades = new ReasonCounter<string>();
  /** Connections that have ended, by reason. */
  readonly endedConnections = new ReasonCounter<string>();
  /** Frames that were answered with an error, by its code. */
  readonly rejectedFrames = new ReasonCounter<string>();
}
