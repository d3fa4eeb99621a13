import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { LiveConfig, type Prepared } from '../config/live-config.js';
import { filesOf } from '../config/members.js';
import { AuthOptions } from '../config/sections/auth.options.js';
import { Log } from '../logging/log.js';
import type { Realm } from '../realms/realm.js';
import { Realms } from '../realms/realms.js';
import { Tracing } from '../tracing/tracing.js';
import { createAuthority } from './create-authority.js';
import type { TokenAuthority } from './token-authority.js';

const UNSIGNED = 'auth.webhook has no secret: its requests are not signed, so the endpoint cannot tell who sends them';

/** What checks the tokens of each realm. Realms with the same options share it. */
@Injectable()
export class Authorities implements OnModuleInit, OnApplicationShutdown {
  private byOptions: ReadonlyMap<AuthOptions, TokenAuthority> = new Map();

  constructor(
    private readonly realms: Realms,
    private readonly live: LiveConfig,
    private readonly log: Log,
    private readonly tracing: Tracing,
  ) {}

  /** @throws ConfigError if a key or a secret is missing */
  async onModuleInit(): Promise<void> {
    (await this.prepare(this.realms.all())).apply();
    this.warn();
    this.live.onChange((next) => this.prepare(this.realms.allUnder(next)));
  }

  onApplicationShutdown(): void {
    closeAll(this.byOptions.values());
  }

  /** Returns undefined if the options check no tokens. */
  find(options: AuthOptions): TokenAuthority | undefined {
    return this.byOptions.get(options);
  }

  /** An authority whose options have not changed goes on with the keys that it has fetched. Keys in files are read again. */
  private async prepare(realms: readonly Realm[]): Promise<Prepared> {
    const [next, created] = [new Map<AuthOptions, TokenAuthority>(), new Set<TokenAuthority>()];
    const discard = (): void => closeAll(created);
    try {
      for (const { auth } of realms) {
        const kept = filesOf(AuthOptions, auth).length === 0 ? this.byOptions.get(auth) : undefined;
        const authority = kept ?? (await createAuthority(auth, this.log, this.tracing));
        if (!authority) continue;
        next.set(auth, authority);
        if (!kept) created.add(authority);
      }
    } catch (error) {
      discard();
      throw error;
    }
    return { apply: () => this.replace(next), discard };
  }

  private warn(): void {
    const realms = this.realms.all().filter(({ auth }) => isUnsigned(auth));
    if (realms.length > 0) this.log.logger.warn({ realms: realms.map(({ name }) => name) }, UNSIGNED);
  }

  private replace(next: ReadonlyMap<AuthOptions, TokenAuthority>): void {
    const kept = new Set(next.values());
    closeAll([...this.byOptions.values()].filter((authority) => !kept.has(authority)));
    this.byOptions = next;
  }
}

function closeAll(authorities: Iterable<TokenAuthority>): void {
  for (const authority of authorities) authority.close();
}

/** Whether the options ask a webhook without a secret that signs the requests. */
function isUnsigned({ mode, webhook }: AuthOptions): boolean {
  return mode === 'webhook' && webhook !== undefined && webhook.secret.length + webhook.secretFile.length === 0;
}
