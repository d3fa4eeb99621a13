import { randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { addressGroup } from '../common/address-group.js';
import { evictOldest } from '../common/evict-oldest.js';
import { LiveConfig } from '../config/live-config.js';
import { AdminOptions } from '../config/sections/admin.options.js';
import { ServerOptions } from '../config/sections/server.options.js';
import { type Admin, known, type KnownToken, sha256 } from './admin-token.js';

/**
 * The result for a request without a valid token: refused and counted, or locked after too many failures of its
 * address.
 */
export type Refusal = 'refused' | 'locked';

const BEARER = /^Bearer (\S+)$/i;

/** Maximum number of failures of an address, and the time after which one failure is forgotten. */
const FAILURES = 10;
const FORGIVEN_AFTER_MS = 6000;
/** Maximum number of address groups with counted failures. Beyond it, the oldest one is evicted. */
const MAX_GROUPS = 10_000;

const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

/** Checks the tokens of the admin API. */
@Injectable()
export class AdminAccess {
  /** A token for this run. Generated if none is configured and only this machine can connect. */
  readonly generatedToken?: string;

  private tokens: readonly KnownToken[];
  private readonly failures = new Map<string, { count: number; at: number }>();

  constructor(options: AdminOptions, { host }: ServerOptions, live: LiveConfig) {
    const { adminTokens, adminPort, adminHost } = options;
    const reachedAt = adminPort === 0 || adminHost === '' ? host : adminHost;
    if (adminTokens.length === 0 && LOOPBACK.includes(reachedAt) && process.env.NODE_ENV !== 'production') {
      this.generatedToken = randomBytes(24).toString('base64url');
    }
    this.tokens = this.tokensOf(options);
    live.onChange((next) => ({ apply: () => (this.tokens = this.tokensOf(next)) }));
  }

  /** Whether the admin API is on. */
  get isOn(): boolean {
    return this.tokens.length > 0;
  }

  /**
   * Returns the admin with the token of a request. A valid token is accepted even if the address is locked, because
   * others may share the address of a proxy. Each request without a valid token counts as a failure of its address
   * group.
   * @param authorization the Authorization header
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

  /** A generated token is good while none is configured. */
  private tokensOf({ adminTokens }: Pick<AdminOptions, 'adminTokens'>): readonly KnownToken[] {
    const isGenerated = adminTokens.length === 0 && this.generatedToken !== undefined;
    return (isGenerated ? [`generated:operate:${this.generatedToken}`] : adminTokens).map(known);
  }

  /** Takes the same time for every token. */
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
    evictOldest(this.failures, MAX_GROUPS);
  }

  private failuresOf(group: string): number {
    const failures = this.failures.get(group);
    return failures ? Math.max(0, failures.count - (performance.now() - failures.at) / FORGIVEN_AFTER_MS) : 0;
  }
}
