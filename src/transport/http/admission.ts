import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { Backplane } from '../../common/backplane.js';
import { LiveConfig } from '../../config/live-config.js';
import { originsOfAllRealms } from '../../config/realm-origins.js';
import { ClusterOptions } from '../../config/sections/cluster.options.js';
import { ServerOptions } from '../../config/sections/server.options.js';
import { type Place, Places } from '../bounds/places.js';
import type { TokenBucket } from '../bounds/token-bucket.js';
import { AllowedOrigins } from './allowed-origins.js';
import { clientAddress, compileTrust, peerAddress, type Trust } from './client-address.js';
import { RealmOrigins } from './realm-origins.js';

/** Decides which requests may open a connection of a client. */
@Injectable()
export class Admission {
  /** The origins that may use the server, or one of its realms. */
  readonly origins: AllowedOrigins;
  private readonly trust: Trust | undefined;
  private draining = false;

  constructor(
    options: ServerOptions,
    private readonly cluster: ClusterOptions,
    private readonly backplane: Backplane,
    private readonly places: Places,
    private readonly realmOrigins: RealmOrigins,
    live: LiveConfig,
  ) {
    this.trust = compileTrust(options.proxied);
    this.origins = new AllowedOrigins({ ...options, cors: originsOfAllRealms(live.current) });
    live.onChange((next) => ({ apply: () => this.origins.replace(originsOfAllRealms(next)) }));
  }

  /** Returns the IP address that a request comes from. */
  addressOf(request: IncomingMessage): string {
    return clientAddress(request, this.trust);
  }

  /** Whether the page that sent a request may use the server and, if it is known, a realm. */
  allowsPage(request: IncomingMessage, realm?: string): boolean {
    return this.origins.allows(request) && (realm === undefined || this.realmOrigins.allow(realm, request));
  }

  get isDraining(): boolean {
    return this.draining;
  }

  /** Refuses all further connections with 503, until `undrain`. */
  drain(): void {
    this.draining = true;
  }

  /** Accepts connections again. */
  undrain(): void {
    this.draining = false;
  }

  /**
   * Takes a place for the connection that a request opens.
   * @returns the place, or the HTTP status of the refusal
   */
  admit(request: IncomingMessage): Place | number {
    if (!this.origins.allows(request)) return 403;
    if (this.draining) return 503;
    if (!this.backplane.isAvailable && !this.cluster.serveWithoutRedis) return 503;
    const { address, isSpared } = this.sourceOf(request);
    return this.places.take(address, isSpared);
  }

  /** Seconds for which the address that a request comes from is blocked; 0: it is not. */
  secondsBlocked(request: IncomingMessage): number {
    return this.places.secondsBlocked(this.addressOf(request));
  }

  /** Returns the budget of the address that a request comes from; undefined if the address has no bounds. */
  budgetOf(request: IncomingMessage): TokenBucket | undefined {
    const { address, isSpared } = this.sourceOf(request);
    return this.places.budgetOf(address, isSpared);
  }

  /**
   * Returns the address that a request comes from, and whether the limits for each address do not apply to it, because
   * a proxy that is not configured may have sent the request.
   */
  private sourceOf(request: IncomingMessage): { readonly address: string; readonly isSpared: boolean } {
    const address = this.addressOf(request);
    return { address, isSpared: address === peerAddress(request) && this.places.spares(address) };
  }
}
