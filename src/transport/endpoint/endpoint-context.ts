import { Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { LimitOptions } from '../../config/sections/limit.options.js';
import { RequestRouter } from '../http/request-router.js';
import { Connections } from '../lifecycle/connections.js';
import { Flusher } from '../websocket/flusher.js';
import { ConnectionReports } from './connection-reports.js';

/** The services that endpoints need. The WebSocket adapter injects them, because it constructs the endpoints. */
@Injectable()
export class EndpointContext {
  constructor(
    readonly limits: LimitOptions,
    readonly connections: Connections,
    readonly flusher: Flusher,
    readonly router: RequestRouter,
    readonly reports: ConnectionReports,
    readonly modules: ModuleRef,
  ) {}
}
