import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { ServerOptions } from '../../config/sections/server.options.js';
import { Realms } from '../../realms/realms.js';
import { AllowedOrigins } from './allowed-origins.js';

/** Decides which pages may use a realm, by the origins that the realm allows. */
@Injectable()
export class RealmOrigins {
  private readonly byRealm: ReadonlyMap<string, AllowedOrigins>;

  constructor(realms: Realms, { proxied, hosts }: ServerOptions) {
    const allowed = realms.all().map(({ name, origins }): [string, AllowedOrigins] => {
      return [name, new AllowedOrigins({ cors: origins, proxied, hosts })];
    });
    this.byRealm = new Map(realms.areNamed ? allowed : []);
  }

  /** Whether the page that sent a request may use a realm. */
  allow(realm: string, request: IncomingMessage): boolean {
    return this.byRealm.get(realm)?.allows(request) ?? true;
  }
}
