import { Injectable } from '@nestjs/common';
import type { EndReason } from '../common/end-reason.js';
import { Log } from './log.js';

/** What the log says of a client. */
export interface LoggedClient {
  readonly id: string;
  readonly realm: string;
  /** IP address. */
  readonly address: string;
}

/** One line for each client that comes and one for each that goes. */
@Injectable()
export class ConnectionLog {
  constructor(private readonly log: Log) {}

  connected(protocol: string, { id, realm, address }: LoggedClient): void {
    this.log.pino.info({ protocol, client: id, realm, address }, 'connected');
  }

  disconnected(protocol: string, { id, realm, address }: LoggedClient, reason: EndReason, durationMs: number): void {
    this.log.pino.info({ protocol, client: id, realm, address, reason, durationMs }, 'disconnected');
  }
}
