import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { AuthOptions } from '../config/sections/auth.options.js';
import { Log } from '../logging/log.js';
import { Realms } from '../realms/realms.js';
import { createAuthority } from './create-authority.js';
import type { TokenAuthority } from './token-authority.js';

const UNSIGNED = 'auth.webhook has no secret: its requests are not signed, so the endpoint cannot tell who sends them';

/** What checks the tokens of each realm. Realms with the same options share it. */
@Injectable()
export class Authorities implements OnModuleInit, OnApplicationShutdown {
  private readonly byOptions = new Map<AuthOptions, TokenAuthority>();

  constructor(
    private readonly realms: Realms,
    private readonly log: Log,
  ) {}

  /** @throws ConfigError if a key or a secret is missing */
  async onModuleInit(): Promise<void> {
    const all = this.realms.all();
    for (const { auth } of all) {
      const authority = await createAuthority(auth, this.log);
      if (authority) this.byOptions.set(auth, authority);
    }
    const realms = all.filter(({ auth }) => isUnsigned(auth)).map(({ name }) => name);
    if (realms.length > 0) this.log.logger.warn({ realms }, UNSIGNED);
  }

  onApplicationShutdown(): void {
    for (const authority of this.byOptions.values()) authority.close();
  }

  /** Returns undefined if the options check no tokens. */
  find(options: AuthOptions): TokenAuthority | undefined {
    return this.byOptions.get(options);
  }
}

/** Whether the options ask a webhook without a secret that signs the requests. */
function isUnsigned({ mode, webhook }: AuthOptions): boolean {
  return mode === 'webhook' && webhook !== undefined && webhook.secret.length + webhook.secretFile.length === 0;
}
