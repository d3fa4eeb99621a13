import { Injectable } from '@nestjs/common';
import { ClientsService } from '../clients/clients.service.js';
import { NodeIdentity } from '../common/node-identity.js';
import { packageVersion } from '../common/package-version.js';
import { Log } from '../logging/log.js';
import { Connections } from '../transport/lifecycle/connections.js';
import type { NodeStatus } from './node-status.js';
import { Readiness } from './readiness.js';
import { TrafficRates } from './traffic-rates.js';

const VERSION = packageVersion();

/** Reports the status of this node. */
@Injectable()
export class NodeReport {
  private readonly since = Date.now();

  constructor(
    private readonly node: NodeIdentity,
    private readonly clients: ClientsService,
    private readonly connections: Connections,
    private readonly readiness: Readiness,
    private readonly rates: TrafficRates,
    private readonly log: Log,
  ) {}

  /** Reads counters only: it takes the same time however many clients there are. */
  status(): NodeStatus {
    const { isDraining, eventLoopDelayMs, failing: notReady } = this.readiness;
    return {
      name: this.node.name,
      version: VERSION,
      since: this.since,
      clients: this.clients.countHere,
      clientsByProtocol: this.clientsByProtocol(),
      connections: this.connections.size,
      isDraining,
      logLevel: this.log.logger.level,
      rssBytes: process.memoryUsage.rss(),
      eventLoopDelayMs,
      notReady,
      ...this.rates.report(),
    };
  }

  private clientsByProtocol(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const [protocol, byRealm] of this.clients.countsHere) {
      const count = [...byRealm.values()].reduce((sum, clients) => sum + clients, 0);
      if (count > 0) counts[protocol] = count;
    }
    return counts;
  }
}
