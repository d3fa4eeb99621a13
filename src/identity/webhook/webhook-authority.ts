import { createHash, randomUUID } from 'node:crypto';
import { DomainError, isDomainError } from '../../common/domain-error.js';
import type { ConnectAttempt } from '../../common/identity.js';
import { isObject } from '../../common/is-object.js';
import { webhookHeaders } from '../../common/webhook-signature.js';
import { ConfigError } from '../../config/load-config.js';
import type { WebhookOptions } from '../../config/sections/auth.options.js';
import type { Tracing } from '../../tracing/tracing.js';
import { refuse } from '../auth-reasons.js';
import { boundedFetch, jsonIn, problemOf } from '../bounded-fetch.js';
import { type Claims, readClaims } from '../claims.js';
import { readSecrets } from '../secrets.js';
import type { TokenAuthority } from '../token-authority.js';
import { Troubles, type WarningLog } from '../troubles.js';
import { AnswerCache } from './answer-cache.js';
import { SharedWork } from './shared-work.js';
import { Turns } from './turns.js';

const MAX_BYTES = 64 * 1024;
const MEMBER = 'signalbox';
const SECOND_MS = 1000;

/** What a webhook has answered: claims, or undefined for a refusal. */
export type WebhookAnswer = Claims | undefined;

/** Asks an HTTP endpoint of the application about each token. */
export class WebhookAuthority implements TokenAuthority {
  private readonly secrets: readonly string[];
  private readonly turns: Turns;
  private readonly troubles: Troubles;
  private readonly answers: AnswerCache;
  /** Requests under way. Connections with the same proof share one. */
  private readonly pending = new Map<string, SharedWork<WebhookAnswer>>();

  private constructor(
    private readonly options: WebhookOptions,
    log: WarningLog,
    private readonly tracing?: Tracing,
  ) {
    this.secrets = readSecrets(options);
    this.turns = new Turns(options.maxConcurrent);
    this.troubles = new Troubles(log, 'the webhook for authentication', options.url);
    this.answers = new AnswerCache(options.cacheS * SECOND_MS);
  }

  /** @throws ConfigError without a URL, or for a file without a secret */
  static create(options: WebhookOptions | undefined, log: WarningLog, tracing?: Tracing): WebhookAuthority {
    if (!options || options.url === '')
      throw new ConfigError(['auth.webhook.url must be given with auth.mode webhook']);
    return new WebhookAuthority(options, log, tracing);
  }

  hasProof({ token, credential }: ConnectAttempt): boolean {
    return (token !== undefined && token !== '') || credential !== undefined;
  }

  async verify(attempt: ConnectAttempt, gone?: AbortSignal): Promise<Claims> {
    const key = keyOf(attempt);
    const cached = this.answers.find(key);
    const claims = cached ? cached.answer : await this.ask(key, attempt, gone);
    if (!claims) refuse('webhook');
    const { expiresAt = Infinity } = claims.identity;
    return expiresAt > Date.now() ? claims : refuse('expired');
  }

  close(): void {
    // There is nothing to end: a request under way has a time limit.
  }

  private ask(key: string, attempt: ConnectAttempt, gone?: AbortSignal): Promise<WebhookAnswer> {
    if (gone?.aborted) throw hasGone();
    let shared = this.pending.get(key);
    if (!shared || shared.isAborted) this.pending.set(key, (shared = this.start(key, attempt)));
    return shared.join(gone);
  }

  private start(key: string, attempt: ConnectAttempt): SharedWork<WebhookAnswer> {
    const shared = new SharedWork((gone) => this.request(attempt, gone));
    const done = (): void => {
      if (this.pending.get(key) === shared) this.pending.delete(key);
    };
    // Those who have asked get an error.
    shared.result.then((answer) => {
      done();
      this.answers.keep(key, answer);
    }, done);
    return shared;
  }

  /**
   * @param gone aborts when nobody waits for the answer any more. Then the turn is free for another request
   * @throws DomainError UNAVAILABLE for anything but an answer in time
   */
  private async request(attempt: ConnectAttempt, gone: AbortSignal): Promise<WebhookAnswer> {
    const signal = AbortSignal.any([gone, AbortSignal.timeout(this.options.timeoutMs)]);
    try {
      return await this.turns.run(() => this.traced(attempt, signal), signal);
    } catch (error) {
      if (gone.aborted) throw hasGone();
      this.troubles.note(isDomainError(error) ? 'invalid claims' : problemOf(error));
      throw new DomainError('UNAVAILABLE', {}, { cause: error });
    }
  }

  private traced(attempt: ConnectAttempt, signal: AbortSignal): Promise<WebhookAnswer> {
    const post = (): Promise<WebhookAnswer> => this.post(attempt, signal);
    if (!this.tracing?.isOn) return post();
    const { protocol, realm } = attempt;
    const { hostname } = new URL(this.options.url);
    const about = { 'signalbox.protocol': protocol, 'signalbox.realm': realm, 'server.address': hostname };
    return this.tracing.span('auth webhook', { kind: 'client', attributes: about }, post);
  }

  private async post(attempt: ConnectAttempt, signal: AbortSignal): Promise<WebhookAnswer> {
    const body = bodyOf(attempt);
    const signature = this.secrets.length > 0 ? webhookHeaders(`msg_${randomUUID()}`, body, this.secrets) : {};
    const headers = { 'content-type': 'application/json', ...signature, ...this.tracing?.headers() };
    const { status, text } = await boundedFetch(this.options.url, { method: 'POST', headers, body, signal }, MAX_BYTES);
    this.tracing?.annotate({ 'http.response.status_code': status });
    if (status === 401 || status === 403) return undefined;
    if (status !== 200) throw new Error(`status ${status}`);
    return claimsIn(text);
  }
}

/** The error of a client that has gone, as `ClientConnection.whileOpen` throws it. */
function hasGone(): DomainError {
  return new DomainError('NOT_AUTHORIZED', {});
}

function bodyOf(attempt: ConnectAttempt): string {
  const { protocol, realm, id, token, username, credential, address, origin, userAgent } = attempt;
  return JSON.stringify({ protocol, realm, id, token, username, credential, address, origin, userAgent });
}

/** A hash, so that the tokens of refused clients are not kept. */
function keyOf({ realm, token, username, credential }: ConnectAttempt): string {
  // EasyRTC clients send their token in a credential. Without more in it, it says the same as a token in a header.
  const more = isTokenAlone(credential) ? undefined : credential;
  return createHash('sha256')
    .update(JSON.stringify([realm, token, username, more]))
    .digest('base64');
}

function isTokenAlone(credential: unknown): boolean {
  return isObject(credential) && Object.keys(credential).join() === 'token' && typeof credential.token === 'string';
}

function claimsIn(text: string): Claims {
  const payload = jsonIn(text);
  if (!isObject(payload)) throw new Error('not an object');
  const { exp } = payload;
  if (exp !== undefined && !Number.isFinite(exp)) throw new Error('exp is not a number');
  return readClaims(payload, MEMBER, exp === undefined ? undefined : Number(exp) * SECOND_MS);
}
