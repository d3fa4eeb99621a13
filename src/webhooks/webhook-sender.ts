import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { problemOf } from '../identity/bounded-fetch.js';
import type { Tracing } from '../tracing/tracing.js';
import { isPublicAddress, publicLookup } from './public-address.js';
import type { WebhookMessage } from './webhook-message.js';

/** Time for a request and its response. */
const TIMEOUT_MS = 10_000;
/** Bounds of the body of a response, which nobody reads. */
const MAX_RESPONSE_BYTES = 65_536;
const BODY_MS = 1000;

/** What an endpoint has answered, or why it has not. */
export interface WebhookOutcome {
  readonly isDelivered: boolean;
  /** HTTP status of the answer. */
  readonly status?: number;
  /** What went wrong, in a few words that are none of the endpoint's. */
  readonly problem?: string;
  readonly durationMs: number;
}

/** Sends requests to one URL over connections that stay open. Redirects are not followed. */
export class WebhookSender {
  private readonly agent: HttpAgent;
  private readonly request: typeof httpRequest;

  /** @param allowsPrivate whether the host may have loopback, private and link-local addresses */
  constructor(
    private readonly url: URL,
    private readonly allowsPrivate: boolean,
    private readonly tracing: Tracing,
  ) {
    const isHttps = url.protocol === 'https:';
    this.agent = isHttps ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
    this.request = isHttps ? httpsRequest : httpRequest;
  }

  /** Resolves with the outcome within 10 s. Never rejects. */
  send(message: WebhookMessage, stopped: AbortSignal): Promise<WebhookOutcome> {
    const about = { 'server.address': this.url.hostname, 'signalbox.webhook_id': message.headers['webhook-id'] };
    const faultOf = ({ problem }: WebhookOutcome): string | undefined => problem;
    return this.tracing.span('webhook', { kind: 'client', attributes: about, faultOf }, () =>
      this.attempt(message, stopped),
    );
  }

  private async attempt(message: WebhookMessage, stopped: AbortSignal): Promise<WebhookOutcome> {
    const startedAt = performance.now();
    const since = (): number => Math.round(performance.now() - startedAt);
    try {
      const status = await this.post(message, AbortSignal.any([stopped, AbortSignal.timeout(TIMEOUT_MS)]));
      this.tracing.annotate({ 'http.response.status_code': status });
      const isDelivered = status >= 200 && status < 300;
      return { isDelivered, status, ...(isDelivered ? {} : { problem: `status ${status}` }), durationMs: since() };
    } catch (error) {
      return { isDelivered: false, problem: problemOf(error), durationMs: since() };
    }
  }

  close(): void {
    this.agent.destroy();
  }

  private async post(message: WebhookMessage, signal: AbortSignal): Promise<number> {
    const host = this.url.hostname.replace(/^\[|\]$/g, '');
    if (!this.allowsPrivate && isIP(host) !== 0 && !isPublicAddress(host)) throw new Error('private address');
    for (;;) {
      const request = this.open(message, signal);
      try {
        return await statusOf(request, message.body);
      } catch (error) {
        // The endpoint has closed a connection that was idle, just before the request.
        const isStale = request.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET';
        if (!isStale || signal.aborted) throw error;
      }
    }
  }

  private open({ body, headers }: WebhookMessage, signal: AbortSignal): ClientRequest {
    return this.request(this.url, {
      method: 'POST',
      agent: this.agent,
      headers: {
        ...headers,
        ...this.tracing.headers(),
        'content-length': Buffer.byteLength(body),
        'user-agent': 'Signalbox',
      },
      signal,
      ...(this.allowsPrivate ? {} : { lookup: publicLookup }),
    });
  }
}

/**
 * Resolves with the status of the response, when its body has ended. The body is dropped; of one that is too long or too
 * slow, the connection is closed, so that the next request needs no further one.
 */
function statusOf(request: ClientRequest, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request.once('response', (response) => {
      response.once('close', () => resolve(response.statusCode ?? 0));
      discard(response);
    });
    // Without a listener, an answer 101 settles nothing.
    request.once('upgrade', ({ statusCode = 0 }, socket) => {
      socket.destroy();
      resolve(statusCode);
    });
    // Also after the response: an error without a listener would end the process.
    request.on('error', reject);
    request.end(body);
  });
}

function discard(response: IncomingMessage): void {
  const timer = setTimeout(() => response.destroy(), BODY_MS);
  let size = 0;
  response.on('data', ({ length }: Buffer) => {
    size += length;
    if (size > MAX_RESPONSE_BYTES) response.destroy();
  });
  response.on('error', () => undefined);
  response.once('close', () => clearTimeout(timer));
}
