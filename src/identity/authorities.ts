import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { AuthOptions } from '../config/sections/auth.options.js';
import { Log } from '../logging/log.js';
import { Realms } from '../realms/realms.js';
import { createAuthority } from './create-authority.js';
import type { TokenAuthority } from './token-authority.js';

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
      const authority = await createAuthority(auth, this.log);
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
}
