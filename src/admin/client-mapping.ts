import type { ClientEntry } from '../clients/client-directory.js';
import type { ClientStatus } from '../clients/client-status.js';
import { isoTime } from './admin-mapping.js';
import type { ClientFigures, ClientSummary } from './client.dto.js';

export function summaryOf(entry: ClientEntry): ClientSummary {
  const { realm, id, protocol, user, name, attributes, node, address, since } = entry;
  return { realm, id, protocol, user, name, attributes, node, address, since: isoTime(since) };
}

export function figuresOf(status: ClientStatus): ClientFigures {
  const { rooms, framesIn, framesOut, bytesIn, bytesOut, waitingBytes, lastSeenAt, userAgent, origin } = status;
  const lastSeen = isoTime(lastSeenAt);
  return { lastSeen, rooms, framesIn, framesOut, bytesIn, bytesOut, waitingBytes, userAgent, origin };
}
