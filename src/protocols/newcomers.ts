import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import type { ClientConnection } from '../clients/client-connection.js';
import { DomainError, isUnauthenticated } from '../common/domain-error.js';
import { type ConnectAttempt, type Identity, NOBODY } from '../common/identity.js';
import { type RequestSource, RequestSources } from '../common/request-source.js';
import { MAX_FAILURES } from '../identity/auth-failures.js';
import { Authenticator } from '../identity/authenticator.js';
import { Tracing } from '../tracing/tracing.js';
import { RealmOrigins } from '../transport/http/realm-origins.js';

/** Data of the error for an address that has sent too many bad tokens. */
const LOCKED = { what: 'bad tokens of an address in a minute', limit: MAX_FAILURES };

/** Finds out who opens connections, by what their requests say. */
@Injectable()
export class Newcomers {
  /** Identities that were found out before the upgrade, by its request. */
  private readonly vetted = new WeakMap<IncomingMessage, Promise<Identity>>();
  private readonly sources = new RequestSources();

  constructor(
    private readonly authenticator: Authenticator,
    private readonly origins: RealmOrigins,
    private readonly tracing: Tracing,
  ) {}

  /** Returns the HTTP status with which an upgrade is refused: its page may not use the realm. */
  refusal(request: IncomingMessage, realm: string): number | undefined {
    return this.origins.allow(realm, request) ? undefined : 403;
  }

  /**
   * Returns the identity of a newcomer, or of a client that logs in again: at once in a realm where all are nobody.
   * @param renews the client that logs in again
   * @throws DomainError UNAUTHENTICATED; NOT_AUTHORIZED, also for a page that may not use the realm, and for a connection
   *   that has ended; UNAVAILABLE
   */
  identify(
    connection: Pick<ClientConnection, 'whileOpen'>,
    request: IncomingMessage,
    attempt: ConnectAttempt,
    renews?: Client,
  ): Identity | Promise<Identity> {
    this.tracing.annotate({ 'signalbox.realm': attempt.realm });
    this.checkOrigin(request, attempt);
    if (this.authenticator.isOpen(attempt.realm)) return NOBODY;
    return connection.whileOpen(
      (gone) =>
        this.vetted.get(request) ?? this.authenticator.authenticate(withSource(request, attempt), { renews, gone }),
    );
  }

  /** What the request of a client says about its software. */
  sourceOf(request: IncomingMessage): RequestSource | undefined {
    return this.sources.of(request);
  }

  /**
   * Checks the token of a request that asks for an answer.
   * @throws DomainError as `identify`; LIMIT_REACHED for a bad token from an address that has sent too many
   */
  async check(request: IncomingMessage, attempt: ConnectAttempt): Promise<void> {
    this.checkOrigin(request, attempt);
    await this.authenticator.check(withSource(request, attempt), () => new DomainError('LIMIT_REACHED', LOCKED));
  }

  /**
   * Decides whether an upgrade from an address is refused before its handshake: its token is bad, like too many before
   * it from this address.
   * @param attempt makes the attempt that `identify` gets later
   * @returns undefined for an upgrade that needs no decision, as from an address that has sent few bad tokens
   */
  vet(request: IncomingMessage, address: string, attempt: () => ConnectAttempt): Promise<boolean> | undefined {
    if (!this.authenticator.isLocked(address)) return undefined;
    try {
      const made = withSource(request, attempt());
      const identity = this.authenticator.authenticate(made);
      if (!(identity instanceof Promise)) return undefined;
      this.vetted.set(request, identity);
      return identity.then(() => true, mayEnter);
    } catch (error) {
      return mayEnter(error) ? undefined : Promise.resolve(false);
    }
  }

  private checkOrigin(request: IncomingMessage, { realm }: ConnectAttempt): void {
    if (!this.origins.allow(realm, request)) throw new DomainError('NOT_AUTHORIZED', {});
  }
}

/** Other errors than that of a bad token are answered after the handshake, as ever. */
function mayEnter(error: unknown): boolean {
  return !isUnauthenticated(error);
}

function withSource({ headers }: IncomingMessage, attempt: ConnectAttempt): ConnectAttempt {
  return { ...attempt, origin: headers.origin, userAgent: headers['user-agent'] };
}

/**
 * Returns the id that an identity gives its client, or else a generated one.
 * @param attempt number of the attempt to register the client (1, 2, …)
 * @throws DomainError ID_TAKEN if the given id is taken
 */
export function idFor({ id }: Identity, attempt: number, generate: () => string): string {
  if (id === undefined) return generate();
  if (attempt > 1) throw new DomainError('ID_TAKEN', { id });
  return id;
}
