import { createHash } from 'node:crypto';

/** `read` allows reading only, `operate` also changes. */
export type AdminRole = 'read' | 'operate';

/** The owner of a token, for the audit log. */
export interface Admin {
  readonly name: string;
  readonly role: AdminRole;
  /** The only realms that the admin sees; undefined: all, and the nodes. */
  readonly realms?: ReadonlySet<string>;
}

/** A configured token. */
export interface KnownToken extends Admin {
  readonly digest: Buffer;
}

const HASHED = 'sha256:';
const TOKEN = /^([^:]*):([^:]*):(.*)$/;
/** A token with realms behind it. Without the 16 characters before them, they are part of a token with a colon. */
const BOUND = /^(sha256:[0-9a-f]{64}|(?!sha256:).{16,}):([^:]+)$/i;

/** Parses `NAME:ROLE:TOKEN` or `NAME:ROLE:TOKEN:REALM,REALM`, which the configuration has validated. */
export function known(text: string): KnownToken {
  const [, name = '', role = '', rest = ''] = TOKEN.exec(text) ?? [];
  const [, token = rest, realms] = BOUND.exec(rest) ?? [];
  const isHashed = token.toLowerCase().startsWith(HASHED);
  const digest = isHashed ? Buffer.from(token.slice(HASHED.length), 'hex') : sha256(token);
  const admin = { name, role: role.toLowerCase() as AdminRole, digest };
  return realms === undefined ? admin : { ...admin, realms: new Set(realms.split(',')) };
}

export function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
