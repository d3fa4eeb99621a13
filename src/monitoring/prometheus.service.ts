import { Injectable } from '@nestjs/common';
import { ClientsService } from '../clients/clients.service.js';
import { Counters, type LatencyHistogram } from '../counters/counters.js';
import { RoomsService } from '../rooms/rooms.service.js';
import { Mailbox } from '../signaling/mailbox.js';
import { MetricRegistry, PREFIX } from './metric-registry.js';
import { RealmLabels } from './realm-labels.js';

/** The Prometheus metrics of this node. Values are collected at scrape time, so metrics add nothing to the hot path. */
@Injectable()
export class PrometheusService {
  /** @internal */
  constructor(
    private readonly counters: Counters,
    private readonly clients: ClientsService,
    private readonly rooms: RoomsService,
    private readonly mailbox: Mailbox,
    private readonly realms: RealmLabels,
    private readonly metrics: MetricRegistry,
  ) {
    this.describeClients();
    this.describeFrames();
    this.describeQueue();
    this.describeWebhooks();
  }

  get contentType(): string {
    return this.metrics.contentType;
  }

  /** Returns all metrics in the text format. */
  async text(): Promise<string> {
    const own = await this.metrics.text();
    return `${own}${histogram('handling_seconds', 'Time from receiving a frame until it is handled, sampled.', [['', this.counters.handling]])}${this.backplane()}`;
  }

  private describeClients(): void {
    this.metrics.gauge('clients', 'Clients connected to this node.', ['protocol', 'realm'], (metric) => {
      for (const [protocol, byRealm] of this.clients.countsHere) {
        for (const [realm, count] of this.realms.labelled(byRealm)) metric.set({ protocol, realm }, count);
      }
    });
    this.metrics.gauge('rooms', 'Rooms on all nodes.', [], async (metric) => metric.set(await this.rooms.count()));
    this.metrics.counter('connects_total', 'Connections registered as clients.', ['protocol'], (metric) => {
      for (const [protocol, { connects }] of this.counters.byProtocol()) metric.inc({ protocol }, connects);
    });
    this.metrics.counter('disconnects_total', 'Closed connections.', ['reason'], (metric) => {
      for (const [reason, count] of this.counters.endedConnections.entries()) metric.inc({ reason }, count);
    });
    this.metrics.counter('slow_clients_total', 'Clients disconnected because they read too slowly.', [], (metric) =>
      metric.inc(this.counters.endedConnections.get('too slow')),
    );
    this.metrics.counter('refused_requests_total', 'Refused connection requests.', ['status', 'reason'], (metric) => {
      for (const [kind, count] of this.counters.refusedUpgrades.entries()) {
        const [status, reason] = kind.split(' ');
        metric.inc({ status, ...(reason !== undefined && { reason }) }, count);
      }
    });
    this.metrics.counter('dropped_events_total', 'Events dropped because Redis was away for too long.', [], (metric) =>
      metric.inc(this.counters.droppedEvents()),
    );
    this.metrics.counter('auth_total', 'Checks of who a client is.', ['realm', 'outcome', 'reason'], (metric) => {
      for (const { outcome, reason, byRealm } of this.counters.authentications.entries()) {
        for (const [realm, count] of this.realms.labelled(byRealm)) metric.inc({ realm, outcome, reason }, count);
      }
    });
  }

  private describeFrames(): void {
    for (const [unit, help] of [
      ['frames', 'Frames'],
      ['bytes', 'Bytes of frames'],
    ] as const) {
      for (const direction of ['in', 'out'] as const) {
        const where = direction === 'in' ? 'from' : 'to';
        this.metrics.counter(
          `${unit}_${direction}_total`,
          `${help} ${where} clients.`,
          ['protocol', 'kind'],
          (metric) => {
            for (const [protocol, counters] of this.counters.byProtocol()) {
              for (const [kind, count] of counters[direction].entries()) metric.inc({ protocol, kind }, count[unit]);
            }
          },
        );
      }
    }
    this.metrics.counter('rejected_frames_total', 'Frames answered with an error.', ['reason'], (metric) => {
      for (const [reason, count] of this.counters.rejectedFrames.entries()) metric.inc({ reason }, count);
    });
  }

  private describeQueue(): void {
    this.metrics.gauge('waiting_signals', 'Signals queued for absent clients.', [], async (metric) =>
      metric.set(await this.mailbox.count()),
    );
    this.metrics.counter(
      'expired_signals_total',
      'Pairs of sender and absent client with expired signals.',
      [],
      (metric) => metric.inc(this.mailbox.expiredPairs),
    );
  }

  private describeWebhooks(): void {
    this.metrics.gauge(
      'webhook_waiting_events',
      'Events that wait for an endpoint, on the node that delivers.',
      ['webhook'],
      (metric) => {
        for (const [webhook, { waiting }] of this.counters.webhooks.entries()) {
          const count = waiting();
          if (count !== undefined) metric.set({ webhook }, count);
        }
      },
    );
    for (const [name, help, member] of [
      ['webhook_delivered_events_total', 'Events that an endpoint has accepted.', 'delivered'],
      ['webhook_dropped_events_total', 'Events for an endpoint that were lost.', 'dropped'],
      ['webhook_failures_total', 'Requests that an endpoint has not accepted.', 'failed'],
      ['webhook_requests_total', 'Requests to an endpoint.', undefined],
      ['webhook_request_seconds_total', 'Duration of the requests to an endpoint.', 'seconds'],
    ] as const) {
      this.metrics.counter(name, help, ['webhook'], (metric) => {
        for (const [webhook, counters] of this.counters.webhooks.entries()) {
          metric.inc({ webhook }, member === undefined ? counters.succeeded + counters.failed : counters[member]);
        }
      });
    }
  }

  private backplane(): string {
    const operations = [...this.counters.ofBackplaneAll()];
    const latencies = operations.map(([name, { latency }]) => [`operation="${name}"`, latency] as const);
    const errors = operations.map(
      ([name, { errors: count }]) => `${PREFIX}backplane_errors_total{operation="${name}"} ${count}\n`,
    );
    return (
      histogram('backplane_operation_seconds', 'Duration of backplane operations.', latencies) +
      `# HELP ${PREFIX}backplane_errors_total Failed backplane operations.\n` +
      `# TYPE ${PREFIX}backplane_errors_total counter\n${errors.join('')}`
    );
  }
}

/** Renders a histogram from counts. The histograms of prom-client only observe single values. */
function histogram(name: string, help: string, rows: readonly (readonly [string, LatencyHistogram])[]): string {
  let text = `# HELP ${PREFIX}${name} ${help}\n# TYPE ${PREFIX}${name} histogram\n`;
  for (const [labels, { boundsUs, counts, sumUs }] of rows) {
    const comma = labels === '' ? '' : ',';
    const braces = labels === '' ? '' : `{${labels}}`;
    let total = 0;
    for (const [at, count] of counts.entries()) {
      total += count;
      const bound = boundsUs[at];
      const le = bound === undefined ? '+Inf' : String(bound / 1e6);
      text += `${PREFIX}${name}_bucket{${labels}${comma}le="${le}"} ${total}\n`;
    }
    text += `${PREFIX}${name}_sum${braces} ${sumUs / 1e6}\n${PREFIX}${name}_count${braces} ${total}\n`;
  }
  return text;
}
