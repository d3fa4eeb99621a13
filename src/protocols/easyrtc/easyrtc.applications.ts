import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import { ConnectorOptions } from '../../config/sections/connector.options.js';
import { EasyRtcOptions } from '../../config/sections/easyrtc.options.js';
import { PeerJsOptions } from '../../config/sections/peerjs.options.js';

/** The application of clients that name none. Its realm is also the default realm of Peer2Peer Connector clients. */
export const DEFAULT_APPLICATION = 'default';

/** The applications that the server accepts, and their realms. */
@Injectable()
export class EasyRtcApplications {
  private readonly realms: ReadonlyMap<string, string>;
  /** The realms of PeerJS keys and of Peer2Peer Connector. Only configured applications lead into them. */
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
