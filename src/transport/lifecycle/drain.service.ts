import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from 'node:http';
import { HttpAdapterHost } from '@nestjs/core';
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { ShutdownOptions } from '../../config/sections/shutdown.options.js';
import { Log } from '../../logging/log.js';
import { Connections } from './connections.js';
import { Admission } from '../http/admission.js';
import { RequestRouter } from '../http/request-router.js';

const BATCH_MS = 50;
/** What the last answers and goodbyes get to be written when nothing else is under way. */
const GRACE_MS = 50;
/** Clients closed in a second, unless the time that there is asks for more. */
const CLIENTS_PER_SECOND = 2000;

/** Sends the clients away before the server stops, not all at once, so that they do not all come back at once. */
@Injectable()
export class DrainService implements BeforeApplicationShutdown {
  constructor(
    private readonly options: ShutdownOptions,
    private readonly admission: Admission,
    private readonly router: RequestRouter,
    private readonly connections: Connections,
    private readonly log: Log,
    private readonly adapter: HttpAdapterHost,
  ) {}

  /** Whether new clients are refused. */
  get isDraining(): boolean {
    return this.admission.isDraining;
  }

  /** Refuses new clients and sends those that are connected away; the server goes on. Resolves when none is left. */
  async sendClientsAway(): Promise<void> {
    this.admission.drain();
    await this.closeAll(this.connections.size, new AbortController().signal);
  }

  /** Resolves when no client is left and no request is being answered, after `shutdownTimeoutMs` at the latest. */
  async beforeApplicationShutdown(): Promise<void> {
    this.admission.drain();
    const deadline = new AbortController();
    const timeout = setTimeout(() => {
      deadline.abort();
    }, this.options.shutdownTimeoutMs);
    await Promise.race([this.drain(deadline.signal), this.untilAborted(deadline.signal)]);
    clearTimeout(timeout);
    for (const connection of this.connections) connection.cut('server shutdown');
    const server = this.adapter.httpAdapter.getHttpServer() as Server;
    setTimeout(() => {
      this.router.cutHandedOver();
      // Node waits for connections that were opened in advance and have never carried a request.
      server.closeAllConnections();
    }, GRACE_MS).unref();
  }

  private async drain(signal: AbortSignal): Promise<void> {
    const { size } = this.connections;
    if (size > 0) {
      this.log.pino.info({ connections: size }, 'draining');
      await this.closeAll(size, signal);
    }
    await this.router.allAnswered();
  }

  private async closeAll(size: number, signal: AbortSignal): Promise<void> {
    const batches = Math.max(1, Math.floor(this.options.shutdownTimeoutMs / 2 / BATCH_MS));
    const batchSize = Math.max((CLIENTS_PER_SECOND * BATCH_MS) / 1000, Math.ceil(size / batches));
    let inBatch = 0;
    for (const connection of this.connections) {
      if (signal.aborted) return;
      connection.end('server shutdown');
      if (++inBatch < batchSize) continue;
      inBatch = 0;
      await sleep(BATCH_MS * (0.5 + Math.random()));
    }
    await this.connections.emptied();
  }

  private untilAborted(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        resolve();
      });
    });
  }
}
