import { createHash, createHmac } from 'node:crypto';

/** Maximum length of the user in a TURN username. STUN allows 508 bytes for the whole username (RFC 8489, 14.3). */
const MAX_USER_BYTES = 256;

/** A credential for a TURN server, in the words of RTCIceServer. */
export interface TurnCredential {
  readonly username: string;
  readonly credential: string;
}

/**
 * Returns a credential that a TURN server with the same secret accepts for `ttlS` seconds, as
 * draft-uberti-behave-turn-rest-00 and coturn's `use-auth-secret` define it.
 * @param user appears in the log of the TURN server
 */
export function turnCredential(secret: string, user: string, ttlS: number, nowMs = Date.now()): TurnCredential {
  const username = `${Math.floor(nowMs / 1000) + ttlS}:${nameOf(user)}`;
  return { username, credential: createHmac('sha1', secret).update(username).digest('base64') };
}

/** Returns a user as it is, or a digest of one that is too long or that other programs may not read in the same way. */
function nameOf(user: string): string {
  const isPlain = !/[\p{C}\p{Z}]/u.test(user) && Buffer.byteLength(user) <= MAX_USER_BYTES;
  return isPlain ? user : createHash('sha256').update(user).digest('base64url');
}
