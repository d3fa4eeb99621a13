import { Injectable } from '@nestjs/common';
import type { EndReason } from '../common/end-reason.js';
import { Log } from './log.js';

/** The fields of a log line about a client. */
export interface LoggedClient {
  readonly id: string;
  readonly realm: string;
  /** IP address. */
  readonly address: string;
}

/** Logs a line when a client connects, one when it disconnects, and errors of the filters that answer it. */
@Injectable()
export class ConnectionLog {
  constructor(private readonly log: Log) {}

  connected(protocol: string, { id, realm, address }: LoggedClient): void {
    this.log.logger.info({ protocol, client: id, realm, address }, 'connected');
  }

  disconnected(protocol: string, { id, realm, address }: LoggedClient, reason: EndReason, durationMs: number): void {
    this.log.logger.info({ protocol, client: id, realm, address, reason, durationMs }, 'disconnected');
  }

  filterFailed(protocol: string, error: unknown): void {
    this.log.logger.error({ protocol, err: error }, 'an exception filter failed');
  }
}
