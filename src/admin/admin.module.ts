import type { Server } from 'node:http';
import { Module, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { type AbstractHttpAdapter, HttpAdapterHost } from '@nestjs/core';
import type { Request, Response } from 'express';
import { AccessModule } from '../access/access.module.js';
import { AdminAccess } from '../access/admin-access.js';
import { BlocksModule } from '../blocks/blocks.module.js';
import { ClientsModule } from '../clients/clients.module.js';
import { ConsoleModule } from '../console/console.module.js';
import { HistoryModule } from '../history/history.module.js';
import { Log } from '../logging/log.js';
import { NodesModule } from '../nodes/nodes.module.js';
import { RealmsModule } from '../realms/realms.module.js';
import { RoomsModule } from '../rooms/rooms.module.js';
import { SignalingModule } from '../signaling/signaling.module.js';
import { TracingModule } from '../tracing/tracing.module.js';
import { TransportModule } from '../transport/transport.module.js';
import { WebhooksModule } from '../webhooks/webhooks.module.js';
import { AdminGuard } from './admin.guard.js';
import { AuditInterceptor } from './audit.interceptor.js';
import { AdminBlocksController } from './blocks.controller.js';
import { AdminClientsController } from './clients.controller.js';
import { AdminConfigController } from './config.controller.js';
import { AdminEventsController } from './events.controller.js';
import { AdminHistoryController } from './history.controller.js';
import { AdminNodesController } from './nodes.controller.js';
import { ProblemFilter } from './problem.filter.js';
import { AdminRealmsController } from './realms.controller.js';
import { RoomMembers } from './room-members.js';
import { AdminRoomsController } from './rooms.controller.js';
import { AdminStatsController } from './stats.controller.js';
import { AdminTokenController } from './token.controller.js';
import { Totals } from './totals.js';
import { TracingInterceptor } from './tracing.interceptor.js';
import { AdminUnknownPathsController } from './unknown-paths.controller.js';
import { AdminUsersController } from './users.controller.js';
import { AdminWebhooksController } from './webhooks.controller.js';

/** The admin REST API, and the console that uses it. Applications import it beside SignalboxModule if they want it. */
@Module({
  imports: [
    AccessModule,
    ClientsModule,
    RealmsModule,
    RoomsModule,
    SignalingModule,
    TransportModule,
    NodesModule,
    TracingModule,
    WebhooksModule,
    ConsoleModule,
    HistoryModule,
    BlocksModule,
  ],
  controllers: [
    AdminClientsController,
    AdminUsersController,
    AdminBlocksController,
    AdminRoomsController,
    AdminEventsController,
    AdminRealmsController,
    AdminNodesController,
    AdminStatsController,
    AdminHistoryController,
    AdminTokenController,
    AdminWebhooksController,
    AdminConfigController,
    // The last one, because it takes all paths.
    AdminUnknownPathsController,
  ],
  providers: [AdminGuard, AuditInterceptor, ProblemFilter, RoomMembers, Totals, TracingInterceptor],
})
export class AdminModule implements OnModuleInit, OnApplicationBootstrap {
  /** @internal */
  constructor(
    private readonly access: AdminAccess,
    private readonly log: Log,
    private readonly problems: ProblemFilter,
    private readonly adapter: HttpAdapterHost,
  ) {}

  onModuleInit(): void {
    const { problems } = this;
    const adapter = this.adapter.httpAdapter as AbstractHttpAdapter | undefined;
    // Express takes a function of four parameters for a handler of errors.
    adapter?.use((error: unknown, request: Request, response: Response, next: (error: unknown) => void) =>
      problems.catchEarly(error, request, response, next),
    );
  }

  /** Logs the generated token once the server listens: a server that cannot listen has no use for it. */
  onApplicationBootstrap(): void {
    const { generatedToken: token } = this.access;
    const adapter = this.adapter.httpAdapter as AbstractHttpAdapter | undefined;
    if (token === undefined || !adapter) return;
    const server = adapter.getHttpServer() as Server;
    server.once('listening', () => this.log.logger.info({ token }, 'admin token for this run'));
  }
}
