import { createHash } from 'node:crypto';
import type { Identity } from './identity.js';

/** Prefixes of owner tokens that no client may give itself. */
const RESERVED = /^(?:sub|id|hash|raw):/;

/**
 * Returns the owner token under which a client claims its id: its user, or else the id that it was given, or else a
 * token of its own.
 * @param own the result of `uncheckedOwner` or `checkedOwner`; undefined for a client without a token
 */
export function ownerToken({ sub, id }: Identity, own: string | undefined): string | undefined {
  if (sub !== undefined) return `sub:${sub}`;
  return id === undefined ? own : `id:${id}`;
}

/** Returns the owner token for a token that a client has chosen, and nobody has checked. */
export function uncheckedOwner(token: string): string {
  return RESERVED.test(token) ? `raw:${token}` : token;
}

/** Returns the owner token for a bearer token, which must not leave the node. */
export function checkedOwner(token: string): string {
  return `hash:${createHash('sha256').update(token).digest('base64url')}`;
}
