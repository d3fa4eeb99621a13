import type { Identity, RoomPatterns, SignalScope } from '../common/identity.js';
import { isObject } from '../common/is-object.js';
import { refuse } from './auth-reasons.js';

const MAX_TEXT = 255;
const MAX_GROUPS = 100;
const MAX_ROOMS = 1000;
const MAX_ATTRIBUTES_BYTES = 4096;
/** The last time that a Date can hold. */
const MAX_TIME_MS = 8.64e15;

/** What a token says about a client. */
export interface Claims {
  /** The only realm that the token is good for. */
  readonly realm?: string;
  readonly identity: Identity;
}

type Members = Readonly<Record<string, unknown>>;

/**
 * Reads the claims of a token, or of the answer of a webhook: `sub`, and the members in the claim `name`.
 * @param expiresAt milliseconds since 1970
 * @throws DomainError UNAUTHENTICATED for a claim with an invalid value
 */
export function readClaims(payload: Members, name: string, expiresAt?: unknown): Claims {
  try {
    const members = objectOf(payload[name] ?? {}, name);
    const identity = readIdentity({ ...members, sub: payload.sub, expiresAt });
    return { realm: textOf(members.realm, 'realm'), identity };
  } catch (cause) {
    refuse('claims', { cause });
  }
}

/**
 * Returns the members of an identity that are given.
 * @throws TypeError for a member with an invalid value
 */
export function readIdentity(members: Members): Identity {
  const rooms = members.rooms === undefined ? undefined : objectOf(members.rooms, 'rooms');
  return withoutUndefined({
    sub: textOf(members.sub, 'sub'),
    expiresAt: timeOf(members.expiresAt),
    id: textOf(members.id, 'id'),
    idPrefix: textOf(members.idPrefix, 'idPrefix'),
    name: textOf(members.name, 'name'),
    groups: listOf(members.groups, MAX_GROUPS, 'groups'),
    rooms:
      rooms && withoutUndefined({ join: patternsOf(rooms.join, 'join'), create: patternsOf(rooms.create, 'create') }),
    signal: scopeOf(members.signal),
    attributes: attributesOf(members.attributes),
  });
}

/** Returns a copy without the members that are undefined. */
export function withoutUndefined<T extends object>(object: T): Partial<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** @throws TypeError */
function invalid(member: string): never {
  throw new TypeError(`${member} is invalid`);
}

/** @throws TypeError for anything but an object */
export function objectOf(value: unknown, member: string): Members {
  return isObject(value) ? value : invalid(member);
}

function textOf(value: unknown, member: string): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT ? value : invalid(member);
}

function timeOf(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || Number.isNaN(value)) invalid('expiresAt');
  return Math.max(-MAX_TIME_MS, Math.min(Math.round(value), MAX_TIME_MS));
}

function listOf(value: unknown, maxItems: number, member: string): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.length > maxItems) invalid(member);
  return value.map((item: unknown) => textOf(item, member) ?? invalid(member));
}

function patternsOf(value: unknown, member: string): RoomPatterns | undefined {
  return listOf(value, MAX_ROOMS, `rooms.${member}`);
}

function scopeOf(value: unknown): SignalScope | undefined {
  if (value === undefined || value === 'any' || value === 'rooms' || value === 'none') return value;
  return invalid('signal');
}

function attributesOf(value: unknown): Members | undefined {
  if (value === undefined) return undefined;
  const attributes = objectOf(value, 'attributes');
  return Buffer.byteLength(JSON.stringify(attributes)) <= MAX_ATTRIBUTES_BYTES ? attributes : invalid('attributes');
}
