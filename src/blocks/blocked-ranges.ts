import { BlockList, isIP } from 'node:net';
import { addressGroup, unmapped } from '../common/address-group.js';
import { type AddressRange, compileRange } from '../common/address-range.js';

/** Blocked addresses and ranges of addresses, with the times at which their blocks end (of `performance.now()`). */
export class BlockedRanges {
  /** The ends by address group. */
  private readonly groups = new Map<string, number>();
  private readonly ranges: { readonly includes: AddressRange; readonly endsAt: number }[] = [];
  /** All ranges, because checking one after the other takes microseconds for each. */
  private readonly inAny = new BlockList();

  /** @param range a result of `blockedRange` */
  add(range: string, endsAt: number): void {
    const [base = '', prefix] = range.split('/');
    const includes = compileRange(range);
    if (prefix === undefined || addressGroup(base) === range) this.groups.set(range, endsAt);
    else if (includes) {
      this.ranges.push({ includes, endsAt });
      this.inAny.addSubnet(base, Number(prefix), isIP(base) === 4 ? 'ipv4' : 'ipv6');
    }
  }

  /** Returns when the last block of an address ends; 0 if it has none. */
  endOf(address: string): number {
    const [plain = ''] = unmapped(address).split('%', 1);
    const ofGroup = this.groups.get(addressGroup(plain)) ?? 0;
    const version = isIP(plain);
    if (version === 0 || this.ranges.length === 0) return ofGroup;
    if (!this.inAny.check(plain, version === 4 ? 'ipv4' : 'ipv6')) return ofGroup;
    const ends = this.ranges.filter(({ includes }) => includes(plain)).map(({ endsAt }) => endsAt);
    return Math.max(ofGroup, ...ends);
  }
}
