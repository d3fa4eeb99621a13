import { addressGroup } from './address-group.js';
import { isLocalAddress } from './local-address.js';

/**
 * Returns the address group to whose share a client counts. Undefined for loopback, private and missing addresses,
 * which may belong to a proxy that is missing in the configuration and has many clients behind it.
 */
export function sharingGroup(address: string): string | undefined {
  return isLocalAddress(address) ? undefined : addressGroup(address);
}

/** Returns a percentage of a whole number, rounded up, so that a share above 0 % is at least 1. */
export function shareOf(total: number, percent: number): number {
  return Math.ceil((total * percent) / 100);
}
