import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import { ConnectorOptions } from '../../config/sections/connector.options.js';
import { EasyRtcOptions } from '../../config/sections/easyrtc.options.js';
import { PeerJsOptions } from '../../config/sections/peerjs.options.js';

/** The application of whoever names none, and its realm, which is that of Peer2Peer Connector clients, too. */
export const DEFAULT_APPLICATION = 'default';

/** Which applications are served, and the realm of each. */
@Injectable()
export class EasyRtcApplications {
  private readonly realms: ReadonlyMap<string, string>;
  /** Realms behind a PeerJS key, and that of Peer2Peer Connector: only a configured application leads into them. */
  private readonly guarded: ReadonlySet<string>;

  constructor({ easyrtcApplications }: EasyRtcOptions, { keys }: PeerJsOptions, { connectorRealm }: ConnectorOptions) {
    this.realms = easyrtcApplications;
    this.guarded = new Set([...keys.values(), connectorRealm].filter((realm) => realm !== DEFAULT_APPLICATION));
  }

  /** @throws DomainError REALM_UNKNOWN */
  realmOf(application: string): string {
    const isOpen = this.realms.size === 0 && !this.guarded.has(application);
    const realm = isOpen ? application : this.realms.get(application);
    if (realm === undefined) throw new DomainError('REALM_UNKNOWN', {});
    return realm;
  }
}
