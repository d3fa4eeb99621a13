import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import { PeerJsOptions } from '../../config/sections/peerjs.options.js';

/** The realm of the option `key`. It is also the default realm of Peer2Peer Connector clients. */
const DEFAULT_REALM = 'default';

/** The keys that the server accepts, and their realms. */
@Injectable()
export class PeerJsKeys {
  private readonly realms: ReadonlyMap<string, string>;

  constructor({ key, keys }: PeerJsOptions) {
    this.realms = keys.size > 0 ? keys : new Map([[key, DEFAULT_REALM]]);
  }

  /** Whether the server accepts a key. */
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
