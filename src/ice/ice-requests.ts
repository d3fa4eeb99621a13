import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { BLOCKED } from '../blocks/blocks-here.js';
import { DomainError } from '../common/domain-error.js';
import { LimitOptions } from '../config/sections/limit.options.js';
import { Authenticator } from '../identity/authenticator.js';
import { bearerOf } from '../identity/bearer.js';
import { Realms } from '../realms/realms.js';
import { Admission } from '../transport/http/admission.js';
import { RealmOrigins } from '../transport/http/realm-origins.js';
import { AddressQuota } from './address-quota.js';
import { type IceConfig, IceProvider } from './ice-provider.js';

/** The protocol of requests over HTTP, for providers and for the authentication. */
const HTTP = 'http';

/** What a request over HTTP asks for. */
export interface HttpIceRequest {
  readonly realm: string;
  /** The user's name, where the realm authenticates nobody. Ignored elsewhere. */
  readonly username?: string;
}

/** Answers requests for ICE servers over HTTP: bounded by address, and with a token if the realm needs one. */
@Injectable()
export class IceRequests {
  private readonly quota: AddressQuota;

  constructor(
    private readonly admission: Admission,
    private readonly realms: Realms,
    private readonly origins: RealmOrigins,
    private readonly authenticator: Authenticator,
    private readonly provider: IceProvider,
    private readonly limits: LimitOptions,
  ) {
    this.quota = new AddressQuota(() => limits.maxConnectionsPerIp);
  }

  /**
   * @throws DomainError RATE_EXCEEDED after too many requests, or too many bad tokens, from the address; REALM_UNKNOWN;
   *   UNAUTHENTICATED; NOT_AUTHORIZED, also for a page that may not use the realm and for a blocked address; UNAVAILABLE
   */
  async answer(request: IncomingMessage, { realm, username }: HttpIceRequest): Promise<IceConfig> {
    const address = this.admission.addressOf(request);
    // An address without a budget has no bounds: one of the server's own, which may be a proxy.
    if (this.admission.budgetOf(request) && !this.quota.take(address)) throw this.tooMany();
    if (this.admission.secondsBlocked(request) > 0) throw new DomainError('NOT_AUTHORIZED', { reason: BLOCKED });
    if (!this.realms.isServed(realm)) throw new DomainError('REALM_UNKNOWN', {});
    if (!this.origins.allow(realm, request)) throw new DomainError('NOT_AUTHORIZED', {});
    const { origin, 'user-agent': userAgent } = request.headers;
    const attempt = { protocol: HTTP, realm, token: bearerOf(request), address, origin, userAgent };
    const { sub, id } = await this.authenticator.check(attempt, () => this.tooMany());
    // Where clients are authenticated, none of them may use the name of another one.
    const user = sub ?? id ?? (this.authenticator.isOpen(realm) ? username : undefined);
    return this.provider.iceServers({ realm, protocol: HTTP, user, address });
  }

  private tooMany(): DomainError {
    return new DomainError('RATE_EXCEEDED', { framesPerSecond: this.limits.maxConnectionsPerIp / 60 });
  }
}
