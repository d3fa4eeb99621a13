import { Injectable } from '@nestjs/common';
import { Realms } from '../realms/realms.js';

const OTHER_REALMS = '(other)';

/** The realms with a label in the metrics: those of the configuration. Clients cannot create labels. */
@Injectable()
export class RealmLabels {
  private readonly named: ReadonlySet<string>;

  constructor(realms: Realms) {
    this.named = realms.names;
  }

  /**
   * Sums counts by label: one for each configured realm and one for all others. Labels with a count of 0 are left out.
   */
  labelled(byRealm: ReadonlyMap<string, number>): Map<string, number> {
    const counts = new Map<string, number>();
    let others = 0;
    for (const count of byRealm.values()) others += count;
    for (const realm of this.named) {
      const count = byRealm.get(realm);
      if (count === undefined) continue;
      counts.set(realm, count);
      others -= count;
    }
    if (others > 0) counts.set(OTHER_REALMS, others + (counts.get(OTHER_REALMS) ?? 0));
    return counts;
  }
}
