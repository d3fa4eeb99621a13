import type * as Jose from 'jose';
import { DomainError } from '../../common/domain-error.js';
import { isObject } from '../../common/is-object.js';
import { boundedFetch, jsonIn, problemOf } from '../bounded-fetch.js';
import type { Troubles } from '../troubles.js';

const MAX_BYTES = 256 * 1024;
const MAX_KEYS = 1000;
const TIMEOUT_MS = 5000;
/** Interval of refreshes in the background. */
const REFRESH_MS = 300_000;
/** Interval of refreshes while the server is away. */
const RETRY_MS = 30_000;
/** Minimum interval between refreshes that unknown keys cause, and between those of clients while there are no keys. */
const UNKNOWN_KEY_MS = 30_000;
const NO_KEYS_MS = 1000;

type KeySet = ReturnType<typeof Jose.createLocalJWKSet>;

/**
 * The keys at a URL. They are refreshed in the background, and for a token with an unknown key. While the server is
 * away, they go on working for a limited time.
 */
export class Jwks {
  private keys?: KeySet;
  /** In the time of `performance.now()`, like all times here. */
  private fetchedAt = -Infinity;
  private triedAt = -Infinity;
  private askedForUnknownAt = -Infinity;
  private pending?: Promise<void>;
  private timer?: NodeJS.Timeout;
  private isClosed = false;

  /** @param staleMs how long keys go on working while the server is away */
  constructor(
    private readonly jose: typeof Jose,
    private readonly url: string,
    private readonly staleMs: number,
    private readonly troubles: Troubles,
  ) {}

  /** Starts to fetch the keys in the background. */
  start(): void {
    void this.refresh();
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
  }

  /**
   * Returns the key of a token.
   * @throws JWKSNoMatchingKey; DomainError UNAVAILABLE without any keys
   */
  readonly find: Jose.JWTVerifyGetKey = async (header, token) => {
    const keys = await this.current();
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof this.jose.errors.JWKSNoMatchingKey)) throw error;
      if (!(await this.refreshForUnknownKey())) throw error;
      return (await this.current())(header, token);
    }
  };

  private async current(): Promise<KeySet> {
    if (!this.isUsable() && (this.pending || performance.now() - this.triedAt >= NO_KEYS_MS)) await this.refresh();
    if (this.keys && this.isUsable()) return this.keys;
    throw new DomainError('UNAVAILABLE', {});
  }

  private isUsable(): boolean {
    return performance.now() - this.fetchedAt <= Math.max(this.staleMs, REFRESH_MS + RETRY_MS);
  }

  /** Returns whether the keys have been fetched since the unknown key was looked for. */
  private async refreshForUnknownKey(): Promise<boolean> {
    const now = performance.now();
    if (!this.pending) {
      if (now - this.askedForUnknownAt < UNKNOWN_KEY_MS) return false;
      this.askedForUnknownAt = now;
    }
    await this.refresh();
    return this.fetchedAt >= now;
  }

  /** All callers share one request. */
  private refresh(): Promise<void> {
    return (this.pending ??= this.fetch().finally(() => (this.pending = undefined)));
  }

  private async fetch(): Promise<void> {
    clearTimeout(this.timer);
    this.triedAt = performance.now();
    try {
      this.keys = this.jose.createLocalJWKSet(await this.download());
      this.fetchedAt = performance.now();
    } catch (error) {
      this.troubles.note(problemOf(error));
    }
    if (this.isClosed) return;
    const delayMs = this.fetchedAt >= this.triedAt ? REFRESH_MS : RETRY_MS;
    this.timer = setTimeout(() => void this.refresh(), delayMs).unref();
  }

  private async download(): Promise<Jose.JSONWebKeySet> {
    const init = { headers: { accept: 'application/json' }, signal: AbortSignal.timeout(TIMEOUT_MS) };
    const { status, text } = await boundedFetch(this.url, init, MAX_BYTES);
    if (status !== 200) throw new Error(`status ${status}`);
    const set = jsonIn(text);
    if (!isObject(set) || !Array.isArray(set.keys)) throw new Error('not a JWK Set');
    if (set.keys.length > MAX_KEYS) throw new Error(`more than ${MAX_KEYS} keys`);
    return { keys: set.keys.filter(isObject) };
  }
}
