import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { addressGroup } from '../common/address-group.js';
import { AdminOptions } from '../config/sections/admin.options.js';
import { ServerOptions } from '../config/sections/server.options.js';

/** `read` may look, `operate` may also change. */
export type AdminRole = 'read' | 'operate';

/** Whose token it is, for the audit log. */
export interface Admin {
  readonly name: string;
  readonly role: AdminRole;
}

interface KnownToken extends Admin {
  readonly digest: Buffer;
}

/** What becomes of a request that shows no valid token: refused, and counted; or its address has failed too often. */
export type Refusal = 'refused' | 'locked';

const BEARER = /^Bearer (\S+)$/i;

/** Attempts that an address may fail at once, and the time after which one more is forgiven. */
const FAILURES = 10;
const FORGIVEN_AFTER_MS = 6000;
/** Groups of addresses of which failures are remembered; beyond it the oldest one is forgotten. */
const MAX_GROUPS = 10_000;

const HASHED = 'sha256:';
const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

/** Who may use the admin API. */
@Injectable()
export class AdminAccess {
  /** A token made for this run, because there is none and only this machine can connect; for the operator to see. */
  readonly generatedToken?: string;

  private readonly tokens: readonly KnownToken[];
  private readonly failures = new Map<string, { count: number; at: number }>();

  constructor({ adminTokens }: AdminOptions, { host }: ServerOptions) {
    const tokens = adminTokens.map(known);
    if (tokens.length === 0 && LOOPBACK.includes(host) && process.env.NODE_ENV !== 'production') {
      this.generatedToken = randomBytes(24).toString('base64url');
      tokens.push(known(`generated:operate:${this.generatedToken}`));
    }
    this.tokens = tokens;
  }

  /** Whether there is an admin API at all. */
  get isOn(): boolean {
    return this.tokens.length > 0;
  }

  /**
   * The admin whose token a request shows. A valid token is admitted whatever others do at the same address, which may be that
   * of a proxy. Each request without a valid token is a failure of its address group.
   * @param authorization the header of that name
   */
  admit(authorization: string | undefined, address: string): Admin | Refusal {
    const token = BEARER.exec(authorization ?? '')?.[1];
    const admin = token === undefined ? undefined : this.find(token);
    if (admin) return admin;
    const group = addressGroup(address);
    if (this.failuresOf(group) >= FAILURES) return 'locked';
    this.noteFailure(group);
    return 'refused';
  }

  /** Takes the same time for any token. */
  private find(token: string): Admin | undefined {
    const digest = sha256(token);
    let admin: Admin | undefined;
    for (const candidate of this.tokens) if (timingSafeEqual(candidate.digest, digest)) admin = candidate;
    return admin;
  }

  private noteFailure(group: string): void {
    const count = this.failuresOf(group) + 1;
    this.failures.delete(group);
    this.failures.set(group, { count, at: performance.now() });
    if (this.failures.size <= MAX_GROUPS) return;
    const [oldest] = this.failures.keys();
    if (oldest !== undefined) this.failures.delete(oldest);
  }

  private failuresOf(group: string): number {
    const failures = this.failures.get(group);
    return failures ? Math.max(0, failures.count - (performance.now() - failures.at) / FORGIVEN_AFTER_MS) : 0;
  }
}

/** `NAME:ROLE:TOKEN`, whose form the configuration has checked. */
function known(text: string): KnownToken {
  const [name = '', role = '', ...rest] = text.split(':');
  const token = rest.join(':');
  const isHashed = token.toLowerCase().startsWith(HASHED);
  const digest = isHashed ? Buffer.from(token.slice(HASHED.length), 'hex') : sha256(token);
  return { name, role: role.toLowerCase() as AdminRole, digest };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
