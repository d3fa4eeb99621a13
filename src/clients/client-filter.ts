import { compileRange } from '../common/address-range.js';
import { DomainError } from '../common/domain-error.js';
import type { ClientEntry } from './client-directory.js';

export const INVALID_ADDRESS = 'address must be an IP address or a range such as 192.0.2.0/24';

/** Filters, all of which must match; absent ones match every client. */
export interface ClientFilters {
  readonly realm?: string;
  readonly protocol?: string;
  /** Name of a node. */
  readonly node?: string;
  readonly idPrefix?: string;
  readonly user?: string;
  /** An IP address, or a range in CIDR notation. */
  readonly address?: string;
}

/** What filters compare. */
type Filtered = Pick<ClientEntry, 'realm' | 'id' | 'protocol' | 'node' | 'user' | 'address'>;

/**
 * Returns whether a client matches.
 * @throws DomainError INVALID_REQUEST if `address` is neither an IP address nor a range
 */
export function clientFilter(filters: ClientFilters): (client: Filtered) => boolean {
  const { realm, protocol, node, user, address, idPrefix = '' } = filters;
  const range = address === undefined ? undefined : compileRange(address);
  if (address !== undefined && !range) {
    throw new DomainError('INVALID_REQUEST', { reason: INVALID_ADDRESS });
  }
  return (client) =>
    (realm === undefined || client.realm === realm) &&
    (protocol === undefined || client.protocol === protocol) &&
    (node === undefined || client.node === node) &&
    (user === undefined || client.user === user) &&
    (range === undefined || range(client.address)) &&
    client.id.startsWith(idPrefix);
}
