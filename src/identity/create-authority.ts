import type { AuthOptions } from '../config/sections/auth.options.js';
import type { Tracing } from '../tracing/tracing.js';
import { JwtAuthority } from './jwt/jwt-authority.js';
import type { TokenAuthority } from './token-authority.js';
import type { WarningLog } from './troubles.js';
import { WebhookAuthority } from './webhook/webhook-authority.js';

/**
 * Creates what checks tokens as the options say; undefined if they check none.
 * @param tracing traces the requests of a server
 * @throws ConfigError if a key or a secret is missing
 */
export async function createAuthority(
  { mode, jwt, webhook }: AuthOptions,
  log: WarningLog,
  tracing?: Tracing,
): Promise<TokenAuthority | undefined> {
  switch (mode) {
    case 'jwt':
      return JwtAuthority.create(jwt, log);
    case 'webhook':
      return WebhookAuthority.create(webhook, log, tracing);
    case 'none':
      return undefined;
  }
}
