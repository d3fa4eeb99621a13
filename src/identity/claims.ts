import type { Identity, RoomPatterns, SignalScope } from '../common/identity.js';
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
export function readClaims(payload: Members, name: string, expiresAt?: number): Claims {
  const members = objectOf(payload[name] ?? {});
  const rooms = members.rooms === undefined ? undefined : objectOf(members.rooms);
  const identity = {
    sub: textOf(payload.sub),
    expiresAt: expiresAt === undefined ? undefined : Math.min(Math.round(expiresAt), MAX_TIME_MS),
    id: textOf(members.id),
    idPrefix: textOf(members.idPrefix),
    name: textOf(members.name),
    groups: listOf(members.groups, MAX_GROUPS),
    rooms: rooms && withoutUndefined({ join: patternsOf(rooms.join), create: patternsOf(rooms.create) }),
    signal: scopeOf(members.signal),
    attributes: attributesOf(members.attributes),
  };
  return { realm: textOf(members.realm), identity: withoutUndefined(identity) };
}

/** Returns a copy without the members that are undefined. */
export function withoutUndefined<T extends object>(object: T): Partial<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Partial<T>;
}

export function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectOf(value: unknown): Members {
  return isObject(value) ? value : refuse('claims');
}

function textOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT ? value : refuse('claims');
}

function listOf(value: unknown, maxItems: number): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.length > maxItems) refuse('claims');
  return value.map((item: unknown) => textOf(item) ?? refuse('claims'));
}

function patternsOf(value: unknown): RoomPatterns | undefined {
  return listOf(value, MAX_ROOMS);
}

function scopeOf(value: unknown): SignalScope | undefined {
  if (value === undefined || value === 'any' || value === 'rooms' || value === 'none') return value;
  return refuse('claims');
}

function attributesOf(value: unknown): Members | undefined {
  if (value === undefined) return undefined;
  const attributes = objectOf(value);
  return Buffer.byteLength(JSON.stringify(attributes)) <= MAX_ATTRIBUTES_BYTES ? attributes : refuse('claims');
}
