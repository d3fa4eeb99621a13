import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { AuthOptions } from '../config/sections/auth.options.js';
import { Log } from '../logging/log.js';
import { Realms } from '../realms/realms.js';
import { JwtAuthority } from './jwt/jwt-authority.js';
import type { TokenAuthority } from './token-authority.js';
import { WebhookAuthority } from './webhook/webhook-authority.js';

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
    for (const { auth } of this.realms.all()) {
      const authority = await this.create(auth);
      if (authority) this.byOptions.set(auth, authority);
    }
  }

  onApplicationShutdown(): void {
    for (const authority of this.byOptions.values()) authority.close();
  }

  /** Returns undefined if the options check no tokens. */
  find(options: AuthOptions): TokenAuthority | undefined {
    return this.byOptions.get(options);
  }

  private create({ mode, jwt, webhook }: AuthOptions): Promise<TokenAuthority> | TokenAuthority | undefined {
    switch (mode) {
      case 'jwt':
        return JwtAuthority.create(jwt, this.log);
      case 'webhook':
        return WebhookAuthority.create(webhook, this.log);
      case 'none':
        return undefined;
    }
  }
}
