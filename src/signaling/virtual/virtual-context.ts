import { Injectable } from '@nestjs/common';
import { LimitOptions } from '../../config/sections/limit.options.js';
import { Log } from '../../logging/log.js';
import { ConnectionReports } from '../../transport/endpoint/connection-reports.js';
import { Connections } from '../../transport/lifecycle/connections.js';
import { DrainService } from '../../transport/lifecycle/drain.service.js';

/** The services that virtual clients share with the connections of other clients. */
@Injectable()
export class VirtualContext {
  constructor(
    readonly limits: LimitOptions,
    readonly connections: Connections,
    readonly reports: ConnectionReports,
    readonly drains: DrainService,
    readonly log: Log,
  ) {}
}
