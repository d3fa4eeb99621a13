import { Injectable } from '@nestjs/common';
import { BlocksHere } from '../blocks/blocks-here.js';
import type { Client } from '../clients/client.js';
import { DomainError, isDomainError, isUnauthenticated } from '../common/domain-error.js';
import { type ConnectAttempt, type Identity, NOBODY } from '../common/identity.js';
import type { AuthOptions } from '../config/sections/auth.options.js';
import { Realms } from '../realms/realms.js';
import { AccessHooks } from './access-hooks.js';
import { refuse } from './auth-reasons.js';
import { AuthReports } from './auth-reports.js';
import { Authorities } from './authorities.js';
import { objectOf, readIdentity } from './claims.js';
import { isMadeUp, isUnknownToken } from './made-up-token.js';

/** Time limit of the application's `connect` hook. */
const HOOK_MS = 5000;

/** Nobody, with a token that a webhook might accept at another time. It must not leave the node as it is. */
const UNPROVEN: Identity = Object.freeze({});

/** What an attempt is about. */
export interface Circumstances {
  /** The connected client whose token is renewed. */
  readonly renews?: Client;
  /** Aborts when the client has gone, so that nobody waits for the answer. */
  readonly gone?: AbortSignal;
}

/** Decides who a new client is, and who a client is with a new token. */
@Injectable()
export class Authenticator {
  /** Identities that come from a token which this server has checked. */
  private readonly proven = new WeakSet<Identity>();

  constructor(
    private readonly realms: Realms,
    private readonly authorities: Authorities,
    private readonly hooks: AccessHooks,
    private readonly reports: AuthReports,
    private readonly blocks: BlocksHere,
  ) {}

  /**
   * Returns who a client is: at once if its realm checks no tokens and the application has no `connect` hook, else later.
   * @throws DomainError UNAUTHENTICATED for a missing or bad token, and for the renewal with a token of another user or
   *   id; NOT_AUTHORIZED for an id that the token does not allow, and for a blocked user; UNAVAILABLE if the token cannot be checked
   */
  authenticate(attempt: ConnectAttempt, circumstances: Circumstances = {}): Identity | Promise<Identity> {
    if (this.isOpen(attempt.realm)) return NOBODY;
    return this.identify(attempt, this.realms.get(attempt.realm).auth, circumstances);
  }

  /** Whether all clients of a realm are nobody: it checks no tokens, and the application has no `connect` hook. */
  isOpen(realm: string): boolean {
    return this.realms.get(realm).auth.mode === 'none' && !this.hooks.connect;
  }

  /** Whether a bad token from this IP address is refused with 429, because too many came from there. */
  isLocked(address: string): boolean {
    return this.reports.isLocked(address);
  }

  /**
   * Checks the token of a request that asks for an answer, as `authenticate` does.
   * @param tooMany makes the error for a bad token from an address that has sent too many
   */
  async check(attempt: ConnectAttempt, tooMany: () => DomainError): Promise<Identity> {
    const isLocked = this.isLocked(attempt.address);
    try {
      return await this.authenticate(attempt);
    } catch (error) {
      throw isLocked && isUnauthenticated(error) ? tooMany() : error;
    }
  }

  private async identify(attempt: ConnectAttempt, auth: AuthOptions, circumstances: Circumstances): Promise<Identity> {
    const { renews, gone } = circumstances;
    try {
      const verified = auth.mode === 'none' ? NOBODY : await this.verify(attempt, auth, gone);
      const identity = await this.askHook(attempt, verified);
      if (verified !== NOBODY && verified !== UNPROVEN) this.proven.add(identity);
      if (renews) this.checkRenewal(renews, identity);
      else if (!mayHave(identity, attempt.id)) throw new DomainError('NOT_AUTHORIZED', {});
      this.blocks.checkUser(attempt.realm, identity.sub);
      this.reports.accepted(attempt, verified !== UNPROVEN && attempt.token !== undefined);
      return identity;
    } catch (error) {
      if (!gone?.aborted) this.reports.refused(attempt, error);
      throw error;
    }
  }

  private checkRenewal({ id, identity: before }: Client, identity: Identity): void {
    // Without a token, a client would only lose its restrictions.
    if (this.proven.has(before) && !this.proven.has(identity)) refuse('missing');
    if (identity.sub !== before.sub) refuse('subject');
    if (identity.id !== before.id && identity.id !== id) refuse('id');
  }

  private async verify(attempt: ConnectAttempt, auth: AuthOptions, gone?: AbortSignal): Promise<Identity> {
    const authority = this.authorities.find(auth);
    // Only before the application has started.
    if (!authority) throw new DomainError('UNAVAILABLE', {});
    if (!authority.hasProof(attempt)) return auth.required ? refuse('missing') : NOBODY;
    try {
      const { realm = attempt.realm, identity } = await authority.verify(attempt, gone);
      return realm === attempt.realm ? identity : refuse('realm');
    } catch (error) {
      if (auth.required || !isMadeUp(attempt) || !isUnknownToken(error)) throw error;
      return UNPROVEN;
    }
  }

  private async askHook(attempt: ConnectAttempt, verified: Identity): Promise<Identity> {
    if (!this.hooks.connect) return verified;
    try {
      return merged(verified, await inTime(this.hooks.connect(attempt, verified)));
    } catch (error) {
      // The application's own reason is not one of the closed list.
      if (isDomainError(error) && error.code === 'UNAUTHENTICATED') refuse('hook', { cause: error });
      throw error;
    }
  }
}

/** @throws DomainError UNAVAILABLE for an application that does not answer in time */
async function inTime<T>(answer: T | Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DomainError('UNAVAILABLE', {})), HOOK_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param answer of the application, which may be written in JavaScript: anything, or nothing
 * @throws Error for an answer that is no valid identity
 */
function merged(verified: Identity, answer: unknown): Identity {
  const { expiresAt = Infinity, ...others } = identityIn(answer ?? NOBODY);
  const earlier = Math.min(expiresAt, verified.expiresAt ?? Infinity);
  return { ...verified, ...others, ...(earlier !== Infinity && { expiresAt: earlier }) };
}

function identityIn(answer: unknown): Identity {
  try {
    return readIdentity(objectOf(answer, 'it'));
  } catch (cause) {
    const { message } = cause as Error;
    throw new Error(`AccessHooks.connect has returned an invalid identity: ${message}`, { cause });
  }
}

function mayHave({ id, idPrefix = '' }: Identity, asked: string | undefined): boolean {
  return asked === undefined || (asked.startsWith(idPrefix) && (id === undefined || id === asked));
}
