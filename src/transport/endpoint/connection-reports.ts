import { Injectable } from '@nestjs/common';
import { asDomainError, isNotAuthorized } from '../../common/domain-error.js';
import type { EndReason } from '../../common/end-reason.js';
import { Counters } from '../../counters/counters.js';
import { ConnectionLog, type LoggedClient, type LoggedConnection } from '../../logging/connection-log.js';
import { RefusalLog } from '../../logging/refusal-log.js';

/** Counts and logs what becomes of connections. */
@Injectable()
export class ConnectionReports {
  constructor(
    readonly counters: Counters,
    private readonly log: ConnectionLog,
    private readonly refusals: RefusalLog,
  ) {}

  /** Reports that a connection has become a client. */
  connected(protocol: string, client: LoggedClient): void {
    this.counters.ofProtocol(protocol).connects++;
    this.log.connected(protocol, client);
  }

  /** Reports that a connection, or a message of one, is rejected with an error. */
  rejected(protocol: string, connection: LoggedConnection, error: unknown): void {
    this.log.rejected(protocol, connection, error);
  }

  /** Reports an error of a protocol's exception filter. The client gets no answer. */
  filterFailed(protocol: string, error: unknown): void {
    this.log.filterFailed(protocol, error);
  }

  /** Reports that a connection from an address does not become a client. */
  refused(protocol: string, address: string, error: unknown): void {
    const domainError = asDomainError(error);
    const { code } = domainError;
    // Authentication has logged it, with the reason.
    if (code === 'UNAUTHENTICATED') return;
    const reason = isNotAuthorized(domainError) ? domainError.data.reason : undefined;
    this.refusals.note(address, { protocol, code, reason, isConnection: true });
  }

  /**
   * Reports the end of a connection.
   * @param openedAt when it was opened, in the time of `performance.now()`
   * @param client undefined if the connection never became one
   */
  ended(protocol: string, reason: EndReason, openedAt: number, client?: LoggedClient): void {
    this.counters.endedConnections.add(reason);
    if (!client) return;
    this.log.disconnected(protocol, client, reason, Math.round(performance.now() - openedAt));
  }
}
