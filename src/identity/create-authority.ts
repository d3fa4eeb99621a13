import type { AuthOptions } from '../config/sections/auth.options.js';
import { JwtAuthority } from './jwt/jwt-authority.js';
import type { TokenAuthority } from './token-authority.js';
import type { WarningLog } from './troubles.js';
import { WebhookAuthority } from './webhook/webhook-authority.js';

/**
 * Creates what checks tokens as the options say; undefined if they check none.
 * @throws ConfigError if a key or a secret is missing
 */
export async function createAuthority(
  { mode, jwt, webhook }: AuthOptions,
  log: WarningLog,
): Promise<TokenAuthority | undefined> {
  switch (mode) {
    case 'jwt':
      return JwtAuthority.create(jwt, log);
    case 'webhook':
      return WebhookAuthority.create(webhook, log);
    case 'none':
      return undefined;
  }
}
