import { readFileSync } from 'node:fs';
import proxyaddr from 'proxy-addr';
import { ValidateBy } from '../common/class-validator.js';
import { parseAuthority } from './authority.js';
import { parseCorsEntry, suggestCorsEntry } from './origin.js';
import { isReadableFile } from './readable-file.js';
import { rule } from './rule.js';
import { withoutLineEnd } from './secret-files.js';
import type { IceServer } from './sections/ice.options.js';

const ADMIN_TOKEN =
  /^[\w.@-]{1,64}:(read|operate):(sha256:[0-9a-f]{64}|(?!sha256:)\S{16,256})(:[^\s:,]{1,128}(,[^\s:,]{1,128}){0,99})?$/i;

const ICE_URL = /^(stun|stuns|turn|turns):\S{1,255}$/i;

const UNIX_SOCKET = /^\.{0,2}\/[^\0]*[^/\0]$/;
/** Maximum length of a Unix socket address on all systems (103 bytes and a NUL on macOS). */
const MAX_SOCKET_PATH_BYTES = 103;

const WINDOWS_PIPE = /^\\\\[.?]\\pipe\\[^\0]{1,240}$/i;

const MAX_MOUNT_PATH = 256;
const MOUNT_PATH = /^(\/[\w.~-]*[\w~-][\w.~-]*)+$/;

/** An integer from `min` to `max`, both included. */
export function Integer(min: number, max: number): PropertyDecorator {
  return rule({ kind: 'integer', allowed: `an integer from ${min} to ${max}` }, (value) => {
    return Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max;
  });
}

/** A TCP port, or the path of a Unix socket or Windows pipe. */
export function PortOrPath(): PropertyDecorator {
  const allowed = 'an integer from 0 to 65535, or the path of a Unix socket or Windows pipe';
  return rule({ kind: 'integer', allowed }, (value) => {
    if (typeof value === 'string') return isSocketPath(value);
    return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= 65_535;
  });
}

/** True or false; a flag without a value is true. */
export function Flag(): PropertyDecorator {
  return rule({ kind: 'flag', allowed: 'true or false' }, (value) => typeof value === 'boolean');
}

export interface TextBounds {
  minLength?: number;
  maxLength: number;
  matches?: RegExp;
  /** Describes `matches`, completing the sentence "must be …". */
  allowed?: string;
}

export function Text({ minLength = 0, maxLength, matches = /^/, allowed }: TextBounds): PropertyDecorator {
  const length = minLength > 0 ? `${minLength} to ${maxLength}` : `up to ${maxLength}`;
  return rule({ kind: 'text', allowed: `${allowed ?? 'text'}, ${length} characters long` }, (value) => {
    return isTextWithin(value, minLength, maxLength) && matches.test(value);
  });
}

/**
 * A path of one or more segments, normalised to a leading slash and no trailing slash. With `mayBeRoot` it may be empty
 * or "/".
 */
export function MountPath({ mayBeRoot = false } = {}): PropertyDecorator {
  const allowed = `a path of letters, digits, ".", "_", "~" and "-"${mayBeRoot ? ', or nothing' : ''}`;
  const normalise = (value: unknown): string => {
    const bare = String(value).replace(/^\/+|\/+$/g, '');
    return bare === '' ? '' : `/${bare}`;
  };
  return rule({ kind: 'text', allowed, normalise }, (value) => {
    if (typeof value !== 'string' || value.length > MAX_MOUNT_PATH) return false;
    return mayBeRoot && normalise(value) === '' ? true : MOUNT_PATH.test(normalise(value));
  });
}

export function OneOf(...values: readonly string[]): PropertyDecorator {
  return rule({ kind: 'text', allowed: `one of ${values.join(', ')}` }, (value) => {
    return typeof value === 'string' && values.includes(value);
  });
}

/** A list of non-empty texts: comma-separated in the environment, a repeatable flag on the command line. */
export function TextList({ maxItems, maxLength }: { maxItems: number; maxLength: number }): PropertyDecorator {
  const allowed = `a list of up to ${maxItems} texts of 1 to ${maxLength} characters`;
  return rule({ kind: 'list', allowed }, (value) => {
    return Array.isArray(value) && value.length <= maxItems && value.every((item) => isTextWithin(item, 1, maxLength));
  });
}

/** A mapping between non-empty texts: `a=b,c=d` in the environment and on the command line. */
export function TextMap({ maxItems, maxLength }: { maxItems: number; maxLength: number }): PropertyDecorator {
  const allowed = `a mapping of up to ${maxItems} texts of 1 to ${maxLength} characters to such texts`;
  return rule({ kind: 'map', allowed }, (value) => {
    if (!(value instanceof Map) || value.size > maxItems) return false;
    return [...value].flat().every((text) => isTextWithin(text, 1, maxLength));
  });
}

/** A list of ICE servers, each with `urls` or its old name `url`: JSON in the environment and on the command line. */
export function IceServers(): PropertyDecorator {
  const allowed =
    'a list of up to 100 ICE servers, each with urls (or url) and, for TURN, username and credential (or credentialFile)';
  const normalise = (value: unknown): unknown => (value as object[]).map((server) => withUrls(withCredential(server)));
  return rule({ kind: 'json', allowed, normalise }, (value) => {
    return Array.isArray(value) && value.length <= 100 && value.map(withCredential).every(isIceServer);
  });
}

/** A list of `NAME:ROLE:TOKEN` and `NAME:ROLE:TOKEN:REALM,REALM`. */
export function AdminTokens(): PropertyDecorator {
  const allowed =
    'a list of up to 100 NAME:ROLE:TOKEN or NAME:ROLE:TOKEN:REALM,REALM, with the role read or operate and a token of 16 characters or more';
  return rule({ kind: 'list', allowed }, (value) => {
    return Array.isArray(value) && value.length <= 100 && value.every((token) => ADMIN_TOKEN.test(String(token)));
  });
}

/** The trusted proxies, as Express's "trust proxy" setting: true, false, a number of hops, or addresses and subnets. */
export function TrustedProxies(): PropertyDecorator {
  const allowed = 'true, false, a number of hops, or addresses and subnets separated by commas';
  return rule({ kind: 'trust', allowed }, (value) => {
    if (typeof value === 'boolean') return true;
    if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0;
    return typeof value === 'string' && areSubnets(value);
  });
}

/** A list of hosts with optional ports: comma-separated in the environment, a repeatable flag on the command line. */
export function Hosts(): PropertyDecorator {
  const allowed = 'a list of up to 100 hosts with or without ports, such as signal.example or signal.example:9000';
  return rule({ kind: 'list', allowed }, (value) => {
    return Array.isArray(value) && value.length <= 100 && value.every((item) => isText(item) && parseAuthority(item));
  });
}

/** Used with `TextList`: requires that `parseCorsEntry` accepts each text. */
export function CorsEntries(): PropertyDecorator {
  const refusedOf = (value: unknown): string | undefined =>
    Array.isArray(value) ? value.filter(isText).find((entry) => parseCorsEntry(entry) === undefined) : undefined;
  return ValidateBy({
    name: 'corsEntries',
    validator: {
      validate: (value: unknown) => refusedOf(value) === undefined,
      defaultMessage: (args) => {
        const entry = refusedOf(args?.value) ?? '';
        const suggestion = suggestCorsEntry(entry);
        const advice = suggestion === undefined ? '' : `; write ${suggestion} instead of ${entry}`;
        return `must be origins such as https://example.com or https://*.example.com${advice}`;
      },
    },
  });
}

/** Requires that this option and another one are either both set or both empty. */
export function TogetherWith(other: string): PropertyDecorator {
  return ValidateBy({
    name: 'togetherWith',
    validator: {
      validate: (value: unknown, args) => {
        const partner = args && valueOf(args.object, other);
        return partner === undefined || (value === '') === (partner === '');
      },
      defaultMessage: () => `must be given together with ${other}`,
    },
  });
}

/** Puts the text of `credentialFile` in its place; leaves a file that cannot be read, and a second credential. */
function withCredential<T>(server: T): T | object {
  if (typeof server !== 'object' || server === null || 'credential' in server) return server;
  const { credentialFile, ...rest } = server as Record<string, unknown>;
  if (!isReadableFile(credentialFile)) return server;
  return { ...rest, credential: withoutLineEnd(readFileSync(credentialFile, 'utf8')) };
}

/** Renames `url`, which browsers no longer support, to `urls`. */
function withUrls(server: object): object {
  const { url, ...rest } = server as Record<string, unknown>;
  return url === undefined ? server : { urls: url, ...rest };
}

/** Whether a value is an ICE server, with `urls` or `url` and without unknown members. */
export function isIceServer(value: unknown): value is IceServer {
  if (typeof value !== 'object' || value === null || ('url' in value && 'urls' in value)) return false;
  const { urls, username = '', credential = '', ...rest } = withUrls(value) as Record<string, unknown>;
  const list = Array.isArray(urls) ? (urls as unknown[]) : [urls];
  return (
    list.length > 0 &&
    list.every((url) => typeof url === 'string' && ICE_URL.test(url)) &&
    [username, credential].every((text) => isTextWithin(text, 0, 1024)) &&
    Object.keys(rest).length === 0
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isSocketPath(text: string): boolean {
  if (WINDOWS_PIPE.test(text)) return true;
  return UNIX_SOCKET.test(text) && Buffer.byteLength(text) <= MAX_SOCKET_PATH_BYTES;
}

function isTextWithin(value: unknown, minLength: number, maxLength: number): value is string {
  return isText(value) && value.length >= minLength && value.length <= maxLength;
}

function areSubnets(text: string): boolean {
  try {
    proxyaddr.compile(text.split(',').map((each) => each.trim()));
    return true;
  } catch {
    // proxy-addr throws for anything else.
    return false;
  }
}

function valueOf(object: object, name: string): unknown {
  return Reflect.get(object, name);
}
