import { Injectable } from '@nestjs/common';
import { asDomainError, type DomainError } from '../common/domain-error.js';
import type { EndReason } from '../common/end-reason.js';
import { NodeIdentity } from '../common/node-identity.js';
import { Log } from './log.js';
import type { LogFields } from './logger.js';

/** Maximum length of what a client has sent in a line about its message. */
const MAX_LENGTH = 100;

/** What a log line says of a client. */
export interface LoggedClient {
  readonly id: string;
  readonly realm: string;
  /** IP address. */
  readonly address: string;
  /** Names the user, if the client has proved who it is. */
  readonly identity?: { readonly sub?: string };
}

/** A connection, and its client once it is one. */
export interface LoggedConnection {
  /** IP address. */
  readonly address: string;
  readonly core: { readonly identity?: LoggedClient };
}

/**
 * Logs a line when a client connects and when it disconnects, at debug level one for each message that is rejected, and
 * errors of the filters that answer it.
 */
@Injectable()
export class ConnectionLog {
  constructor(
    private readonly log: Log,
    private readonly node: NodeIdentity,
  ) {}

  connected(protocol: string, client: LoggedClient): void {
    this.log.logger.info(this.fieldsOf(protocol, client), 'connected');
  }

  disconnected(protocol: string, client: LoggedClient, reason: EndReason, durationMs: number): void {
    this.log.logger.info({ ...this.fieldsOf(protocol, client), reason, durationMs }, 'disconnected');
  }

  /** Logs a message that a client gets an error for, or that its protocol drops without a word. */
  rejected(protocol: string, { address, core }: LoggedConnection, error: unknown): void {
    const { logger } = this.log;
    if (!logger.isOn('debug')) return;
    const rejection = asDomainError(error);
    const client = core.identity ? this.fieldsOf(protocol, core.identity) : { protocol, address };
    logger.debug({ ...client, code: rejection.code, reason: reasonOf(rejection) }, 'frame rejected');
  }

  filterFailed(protocol: string, error: unknown): void {
    this.log.logger.error({ protocol, err: error }, 'an exception filter failed');
  }

  private fieldsOf(protocol: string, { id, realm, address, identity }: LoggedClient): LogFields {
    return { protocol, client: id, realm, address, user: identity?.sub, node: this.node.name };
  }
}

/** Returns the data of an error as a text of bounded length; undefined for an error without data. */
function reasonOf({ data }: DomainError): string | undefined {
  const { reason, ...others } = data as { readonly reason?: string };
  const parts = Object.entries(others as Record<string, unknown>).map(([name, value]) => `${name} ${String(value)}`);
  const text = [...(reason === undefined ? [] : [reason]), ...parts].join(', ').slice(0, MAX_LENGTH);
  return text === '' ? undefined : text;
}
