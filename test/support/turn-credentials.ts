import { createHmac } from 'node:crypto';

/** An ICE server as clients get it. */
export interface ReceivedServer {
  readonly urls: string | readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

/** The user of a TURN credential, and the seconds for which it is still valid. */
export interface CheckedCredential {
  readonly user: string;
  readonly validS: number;
}

/**
 * Checks a credential as coturn does.
 * @throws Error if it was not made with the secret
 */
export function checkCredential(
  secret: string,
  { username = '', credential }: Omit<ReceivedServer, 'urls'>,
): CheckedCredential {
  const expected = createHmac('sha1', secret).update(username).digest('base64');
  if (credential !== expected) throw new Error(`the credential of ${username} is not made with this secret`);
  const [expiry = '', ...user] = username.split(':');
  return { user: user.join(':'), validS: Number(expiry) - Date.now() / 1000 };
}
