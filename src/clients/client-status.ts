import type { Traffic } from '../common/traffic.js';
import type { Client } from './client.js';

/** Details of a client that only its own node has. */
export interface ClientStatus extends Traffic {
  /** Ids of its rooms. */
  readonly rooms: readonly string[];
  /** `User-Agent` and `Origin` of its request. */
  readonly userAgent?: string;
  readonly origin?: string;
}

/** Returns the details of a client of this node. */
export function statusOf({ view, traffic, source }: Client): ClientStatus {
  // The connection is older than the client, and its clock is coarse.
  const lastSeenAt = Math.max(view.since, traffic.lastSeenAt);
  return { rooms: view.rooms, ...traffic, lastSeenAt, ...source };
}
