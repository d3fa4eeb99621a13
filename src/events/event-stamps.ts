import { randomBytes } from 'node:crypto';
import type { EventHead } from './server-event.js';

/** What an event gets when it is emitted. */
export type Stamp = Pick<EventHead, 'id' | 'at' | 'node'>;

/** Makes the ids and times of the events of this node. */
export class EventStamps {
  /** Tells this run of the node from all others. */
  private readonly run = randomBytes(6).toString('base64url');
  private count = 0;
  private lastMs = 0;
  private at = '';
  private prefix = '';

  constructor(private readonly node: string) {}

  next(): Stamp {
    const now = Date.now();
    if (now !== this.lastMs) {
      this.lastMs = now;
      this.at = new Date(now).toISOString();
      this.prefix = `${idPrefix(now)}${this.run}-`;
    }
    return { id: this.prefix + (++this.count).toString(36), at: this.at, node: this.node };
  }
}

/** How ids of events of a time begin: a journal looks for an event among those of about its time. */
function idPrefix(ms: number): string {
  return `${ms.toString(36)}-`;
}

/** Time of an event in milliseconds since 1970, by its id; undefined for an id of another form. */
export function timeOfId(id: string): number | undefined {
  const [, digits] = /^([0-9a-z]{8,9})-[\w-]+$/.exec(id) ?? [];
  return digits === undefined ? undefined : Number.parseInt(digits, 36);
}
