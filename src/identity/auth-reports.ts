import { Injectable } from '@nestjs/common';
import { type DomainError, isDomainError, isNotAuthorized, isUnauthenticated } from '../common/domain-error.js';
import type { ConnectAttempt } from '../common/identity.js';
import { Counters } from '../counters/counters.js';
import { RefusalLog } from '../logging/refusal-log.js';
import { AuthFailures } from './auth-failures.js';

/** Counts and logs the outcome of authentications. */
@Injectable()
export class AuthReports {
  private readonly failures = new AuthFailures();

  constructor(
    private readonly counters: Counters,
    private readonly refusals: RefusalLog,
  ) {}

  /** Whether too many bad tokens came from an IP address. */
  isLocked(address: string): boolean {
    return this.failures.isLocked(address);
  }

  /** Counts an accepted attempt. */
  accepted({ realm }: ConnectAttempt, withToken: boolean): void {
    this.counters.authentications.add(realm, 'accepted', withToken ? 'token' : 'anonymous');
  }

  /** Counts an attempt that has failed, and logs a bad token. Another error is logged where it is answered. */
  refused(attempt: ConnectAttempt, error: unknown): void {
    const { realm } = attempt;
    if (!isDomainError(error)) this.counters.authentications.add(realm, 'failed', 'error');
    else if (error.code === 'UNAVAILABLE') this.counters.authentications.add(realm, 'failed', 'unavailable');
    else if (isUnauthenticated(error)) this.unauthenticated(attempt, error.data.reason);
    else this.counters.authentications.add(realm, 'refused', reasonOf(error));
  }

  private unauthenticated({ protocol, realm, address }: ConnectAttempt, reason: string): void {
    this.counters.authentications.add(realm, 'refused', reason);
    this.refusals.note(address, { protocol, realm, code: 'UNAUTHENTICATED', reason, isConnection: true });
    if (reason !== 'missing') this.failures.note(address);
  }
}

function reasonOf(error: DomainError): string {
  return (isNotAuthorized(error) ? error.data.reason : undefined) ?? error.code.toLowerCase();
}
