import { DomainError } from '../common/domain-error.js';
import type { IceHttpOptions } from '../config/sections/ice.options.js';
import { boundedFetch, problemOf } from '../identity/bounded-fetch.js';
import { serversIn } from './ice-answer.js';
import type { IceConfig } from './ice-provider.js';

const TIMEOUT_MS = 2000;
const MAX_BYTES = 65_536;

/** Share of its time for which an answer is used before the next one is asked for. */
const FRESH_SHARE = 0.5;

/** While the service is away, it is asked at most once in this time. */
const RETRY_AFTER_MS = 1000;

/**
 * ICE servers from the HTTP API of a hosted TURN service. All clients of a realm share an answer for half of its time,
 * and while the service is away until shortly before its end.
 */
export class HostedIce {
  private answer?: { readonly iceServers: IceConfig['iceServers']; readonly atMs: number };
  private asking?: Promise<void>;
  private failedAtMs = -Infinity;

  /** @param onFault called when the service gives no answer */
  constructor(
    private readonly options: IceHttpOptions,
    private readonly onFault: (reason: string) => void,
  ) {}

  /**
   * Returns the servers with the remaining time of the answer.
   * @throws DomainError UNAVAILABLE
   */
  async iceServers(): Promise<IceConfig> {
    if (this.leftS() < this.options.ttlS * FRESH_SHARE && performance.now() - this.failedAtMs >= RETRY_AFTER_MS) {
      this.asking ??= this.ask().finally(() => (this.asking = undefined));
      await this.asking;
    }
    const ttl = this.leftS();
    if (!this.answer || ttl <= 0) throw new DomainError('UNAVAILABLE', {});
    return { iceServers: this.answer.iceServers, ttl };
  }

  /** Whole seconds for which the answer is still good. */
  private leftS(): number {
    return this.answer ? Math.ceil(this.options.ttlS - (performance.now() - this.answer.atMs) / 1000) : 0;
  }

  private async ask(): Promise<void> {
    const atMs = performance.now();
    try {
      const { status, text } = await boundedFetch(this.options.url, requestOf(this.options), MAX_BYTES);
      if (status === 200) this.answer = { iceServers: serversIn(text), atMs };
      else this.failed(`status ${status}`);
    } catch (error) {
      this.failed(problemOf(error));
    }
  }

  private failed(reason: string): void {
    this.failedAtMs = performance.now();
    this.onFault(reason);
  }
}

function requestOf({ headers, body }: IceHttpOptions): RequestInit {
  const isJson = typeof body === 'object';
  return {
    method: body === undefined ? 'GET' : 'POST',
    headers: { Accept: 'application/json', ...(isJson && { 'Content-Type': 'application/json' }), ...headers },
    body: isJson ? JSON.stringify(body) : body,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  };
}
