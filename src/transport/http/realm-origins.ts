import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { LiveConfig } from '../../config/live-config.js';
import { ServerOptions } from '../../config/sections/server.options.js';
import type { Realm } from '../../realms/realm.js';
import { Realms } from '../../realms/realms.js';
import { AllowedOrigins } from './allowed-origins.js';

/** Decides which pages may use a realm, by the origins that the realm allows. */
@Injectable()
export class RealmOrigins {
  private byRealm: ReadonlyMap<string, AllowedOrigins>;

  constructor(
    private readonly realms: Realms,
    private readonly options: ServerOptions,
    live: LiveConfig,
  ) {
    this.byRealm = this.originsOf(realms.all());
    live.onChange((next) => {
      const byRealm = this.originsOf(realms.allUnder(next));
      return { apply: () => (this.byRealm = byRealm) };
    });
  }

  /** Whether the page that sent a request may use a realm. */
  allow(realm: string, request: IncomingMessage): boolean {
    return this.byRealm.get(realm)?.allows(request) ?? true;
  }

  private originsOf(all: readonly Realm[]): ReadonlyMap<string, AllowedOrigins> {
    if (!this.realms.areNamed) return new Map();
    const { proxied, hosts } = this.options;
    return new Map(all.map(({ name, origins }) => [name, new AllowedOrigins({ cors: origins, proxied, hosts })]));
  }
}
