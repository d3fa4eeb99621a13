import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, type HttpServer, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ShutdownOptions } from '../../config/sections/shutdown.options.js';
import { Log } from '../../logging/log.js';
import { Admission } from '../http/admission.js';
import { RequestRouter } from '../http/request-router.js';
import { Connections } from './connections.js';

const BATCH_MS = 50;
/** Time for the last answers and goodbyes to be written. */
const GRACE_MS = 50;
/** Minimum number of clients closed per second. With many clients, the shutdown timeout requires more. */
const CLIENTS_PER_SECOND = 2000;

/**
 * Disconnects all clients before the server stops, in batches with jitter, so that they do not all reconnect at once.
 */
@Injectable()
export class DrainService implements BeforeApplicationShutdown {
  /** Ends the drain of a node that keeps running. */
  private drain?: AbortController;
  private isStopping = false;

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

  /**
   * Refuses new clients and disconnects all others. The server keeps running. Resolves when no client is left, or when
   * `acceptClients` ends the drain.
   */
  async sendClientsAway(): Promise<void> {
    this.admission.drain();
    this.drain?.abort();
    const { signal } = (this.drain = new AbortController());
    await Promise.race([this.closeAll(this.connections.size, signal), this.untilAborted(signal)]);
  }

  /**
   * Accepts clients again after `sendClientsAway`. Clients that are still connected stay.
   * @returns false if the server is shutting down; then nothing changes
   */
  acceptClients(): boolean {
    if (this.isStopping) return false;
    this.drain?.abort();
    this.admission.undrain();
    return true;
  }

  /** Resolves when no client is left and all requests are answered, after `shutdownTimeoutMs` at the latest. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    this.admission.drain();
    const deadline = new AbortController();
    const timeout = setTimeout(() => {
      deadline.abort();
    }, this.options.shutdownTimeoutMs);
    await Promise.race([this.closeAndAnswer(deadline.signal), this.untilAborted(deadline.signal)]);
    clearTimeout(timeout);
    for (const connection of this.connections) connection.cut('server shutdown');
    const adapter = this.adapter.httpAdapter as HttpServer | undefined;
    // An application context serves no HTTP.
    if (!adapter) return;
    const server = adapter.getHttpServer() as Server;
    setTimeout(() => {
      this.router.cutHandedOver();
      // Node would wait for connections that browsers open in advance and that never carry a request.
      server.closeAllConnections();
    }, GRACE_MS).unref();
  }

  private async closeAndAnswer(signal: AbortSignal): Promise<void> {
    const { size } = this.connections;
    if (size > 0) {
      this.log.logger.info({ connections: size }, 'draining');
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
