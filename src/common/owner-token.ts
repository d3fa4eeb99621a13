import { createHash } from 'node:crypto';
import { type Identity, NOBODY } from './identity.js';

/** Prefixes of owner tokens that no client may give itself. */
const RESERVED = /^(?:sub|id|hash|raw):/;

/**
 * Returns the owner token under which a client claims its id: its user, or else the id that it was given, or else a
 * token of its own.
 * @param own the client's token; undefined for a client without one. Where identities are checked, it is a bearer token
 */
export function ownerToken(identity: Identity, own: string | undefined): string | undefined {
  const { sub, id } = identity;
  if (sub !== undefined) return `sub:${sub}`;
  if (id !== undefined) return `id:${id}`;
  if (own === undefined) return undefined;
  return identity === NOBODY ? uncheckedOwner(own) : checkedOwner(own);
}

/** Returns the owner token for a token that a client has chosen, and nobody has checked. */
function uncheckedOwner(token: string): string {
  return RESERVED.test(token) ? `raw:${token}` : token;
}

/** Returns the owner token for a bearer token, which must not leave the node. */
function checkedOwner(token: string): string {
  return `hash:${createHash('sha256').update(token).digest('base64url')}`;
}
