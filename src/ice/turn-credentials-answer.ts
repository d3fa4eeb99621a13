import { DomainError } from '../common/domain-error.js';
import type { TurnCredentials } from './ice.documents.js';
import type { IceConfig } from './ice-provider.js';

/**
 * Returns the credential of the last TURN servers in the list, with their URLs. Static servers are the first in the list:
 * if there is a short-lived credential, it is the last one.
 * @throws DomainError REALM_UNKNOWN if there are no TURN servers
 */
export function turnCredentialsIn({ iceServers, ttl }: IceConfig): TurnCredentials {
  const turn = iceServers.filter(({ credential }) => credential !== undefined).at(-1);
  if (turn?.username === undefined || turn.credential === undefined) throw new DomainError('REALM_UNKNOWN', {});
  const urls = typeof turn.urls === 'string' ? [turn.urls] : turn.urls;
  return { username: turn.username, password: turn.credential, ttl, uris: urls.filter((url) => /^turns?:/i.test(url)) };
}
