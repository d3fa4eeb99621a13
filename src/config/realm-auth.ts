import { completed, type Given } from './members.js';
import { AuthOptions, JwtOptions, WebhookOptions } from './sections/auth.options.js';

/** Returns the option `auth` of a realm: its own members, those of the flat option, and the defaults. */
export function authOf(flat: Given<AuthOptions>, own?: Given<AuthOptions>): AuthOptions {
  const { jwt, webhook, ...auth } = completed(AuthOptions, flat, own);
  return {
    ...auth,
    jwt: jwt && completed(JwtOptions, jwt),
    webhook: webhook && completed(WebhookOptions, webhook),
  };
}
