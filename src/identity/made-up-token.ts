import { isUnauthenticated } from '../common/domain-error.js';
import type { ConnectAttempt } from '../common/identity.js';

const PEERJS = 'peerjs';
/** `Math.random().toString(36).slice(2)` */
const MADE_UP = /^[0-9a-z]{9,13}$/;

/** Whether a client may have no token of its own: the PeerJS library makes one up if the page sets none. */
export function isMadeUp({ protocol, token = '' }: ConnectAttempt): boolean {
  return protocol === PEERJS && MADE_UP.test(token);
}

/** Whether the error says that a token is none that the server, or its webhook, knows. */
export function isUnknownToken(error: unknown): boolean {
  return isUnauthenticated(error) && ['malformed', 'webhook'].includes(error.data.reason);
}
