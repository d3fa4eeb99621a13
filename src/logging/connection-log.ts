import { Injectable } from '@nestjs/common';
import type { EndReason } from '../common/end-reason.js';
import { Log } from './log.js';

/** One line for each client that comes and one for each that goes. */
@Injectable()
export class ConnectionLog {
  constructor(private readonly log: Log) {}

  connected(protocol: string, client: string): void {
    this.log.pino.info({ protocol, client }, 'connected');
  }

  disconnected(protocol: string, client: string, reason: EndReason, durationMs: number): void {
    this.log.pino.info({ protocol, client, reason, durationMs }, 'disconnected');
  }
}
