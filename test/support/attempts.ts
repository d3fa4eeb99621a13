import type { INestApplicationContext } from '@nestjs/common';
import { isDomainError } from '../../src/common/domain-error.js';
import type { ConnectAttempt, Identity } from '../../src/common/identity.js';
import { Authenticator } from '../../src/identity/authenticator.js';

/** The outcome of an attempt: the identity, or the reason or code of the refusal. */
export type Outcome = Identity | string;

/** Asks the authenticator of a server about a client. */
export async function attempt(
  { app }: { readonly app: INestApplicationContext },
  token: string | undefined,
  more: Partial<ConnectAttempt> = {},
): Promise<Outcome> {
  const authenticator = app.get(Authenticator, { strict: false });
  const about = { protocol: 'peer2peer-connector', realm: 'default', address: '127.0.0.1', token, ...more };
  try {
    return await authenticator.authenticate(about);
  } catch (error) {
    if (!isDomainError(error)) throw error;
    return ('reason' in error.data ? error.data.reason : undefined) ?? error.code;
  }
}
