import { addressGroup } from './address-group.js';
import { isLocalAddress } from './local-address.js';

/**
 * The address group whose share of something a client uses up. Undefined for loopback, private and missing addresses: a proxy
 * that the configuration does not name may stand there, with many clients behind it.
 */
export function sharingGroup(address: string): string | undefined {
  return isLocalAddress(address) ? undefined : addressGroup(address);
}

/** A percentage of a whole number, rounded up, so that a positive share is at least one. */
export function shareOf(total: number, percent: number): number {
  return Math.ceil((total * percent) / 100);
}
