import { Injectable } from '@nestjs/common';
import { ConnectorOptions } from '../config/sections/connector.options.js';
import { EasyRtcOptions } from '../config/sections/easyrtc.options.js';
import { PeerJsOptions } from '../config/sections/peerjs.options.js';

/** The realm of PeerJS clients with the key of the option `key`, and of EasyRTC clients that name no application. */
const DEFAULT_REALM = 'default';
const OTHER_REALMS = '(other)';

/** The realms that metrics name: those of the configuration. Names that clients make up take no label. */
@Injectable()
export class RealmLabels {
  private readonly named: ReadonlySet<string>;

  constructor({ keys }: PeerJsOptions, { easyrtcApplications }: EasyRtcOptions, { connectorRealm }: ConnectorOptions) {
    this.named = new Set([DEFAULT_REALM, connectorRealm, ...keys.values(), ...easyrtcApplications.values()]);
  }

  /** Counts by label: of each realm that the configuration names, and of all others together; none of them is 0. */
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
