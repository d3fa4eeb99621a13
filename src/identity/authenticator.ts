import { Injectable } from '@nestjs/common';
import { type ConnectAttempt, type Identity, NOBODY } from '../common/identity.js';

/** Decides who a new client is. */
@Injectable()
export class Authenticator {
  /**
   * Returns who a client is: at once if its realm checks no tokens and the application has no `connect` hook, else later.
   * @throws DomainError UNAUTHENTICATED for a missing or bad token; NOT_AUTHORIZED for an id that the token does not
   *   allow; UNAVAILABLE if the token cannot be checked
   */
  authenticate(_attempt: ConnectAttempt): Identity | Promise<Identity> {
    return NOBODY;
  }

  /** Whether a bad token from this IP address is refused with 429, because too many came from there. */
  isLocked(_address: string): boolean {
    return false;
  }
}
