import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import { PeerJsOptions } from '../../config/sections/peerjs.options.js';

/** The realm of a key that stands alone, which is that of Peer2Peer Connector clients, too. */
const DEFAULT_REALM = 'default';

/** Which keys are served, and the realm of each. */
@Injectable()
export class PeerJsKeys {
  private readonly realms: ReadonlyMap<string, string>;

  constructor({ key, keys }: PeerJsOptions) {
    this.realms = keys.size > 0 ? keys : new Map([[key, DEFAULT_REALM]]);
  }

  /** Whether a key is served. */
  has(key: string): boolean {
    return this.realms.has(key);
  }

  /** @throws DomainError REALM_UNKNOWN */
  realmOf(key: string): string {
    const realm = this.realms.get(key);
    if (realm === undefined) throw new DomainError('REALM_UNKNOWN', {});
    return realm;
  }
}
