import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, type Metric, Registry } from 'prom-client';
import { ClientsService } from '../clients/clients.service.js';
import { Counters, type LatencyHistogram } from '../counters/counters.js';
import { Log } from '../logging/log.js';
import { RoomsService } from '../rooms/rooms.service.js';
import { Mailbox } from '../signaling/mailbox.js';
import { Connections } from '../transport/lifecycle/connections.js';
import { RealmLabels } from './realm-labels.js';

const PREFIX = 'signalbox_';
const DELAY_RESOLUTION_MS = 20;
/** Gauges of prom-client with names like counters. Left out: they are the sums of other metrics. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** The Prometheus metrics of this node. Values are collected at scrape time, so metrics add nothing to the hot path. */
@Injectable()
export class PrometheusService implements OnApplicationShutdown {
  private readonly registry = new Registry();
  private readonly delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });

  /** @internal */
  constructor(
    private readonly counters: Counters,
    private readonly clients: ClientsService,
    private readonly rooms: RoomsService,
    private readonly mailbox: Mailbox,
    private readonly connections: Connections,
    private readonly realms: RealmLabels,
    private readonly log: Log,
  ) {
    collectDefaultMetrics({ register: this.registry });
    for (const name of MISNAMED) this.registry.removeSingleMetric(name);
    this.delay.enable();
    this.describeClients();
    this.describeFrames();
    this.describeQueue();
    this.describeServer();
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** Returns all metrics in the text format. */
  async text(): Promise<string> {
    const own = await this.registry.metrics();
    return `${own}${histogram('handling_seconds', 'Time from receiving a frame until it is handled, sampled.', [['', this.counters.handling]])}${this.backplane()}`;
  }

  onApplicationShutdown(): void {
    this.delay.disable();
    this.registry.clear();
  }

  private describeClients(): void {
    this.gauge('clients', 'Clients connected to this node.', ['protocol', 'realm'], (metric) => {
      for (const [protocol, byRealm] of this.clients.countsHere) {
        for (const [realm, count] of this.realms.labelled(byRealm)) metric.set({ protocol, realm }, count);
      }
    });
    this.gauge(
      'connections',
      'Open connections of this node, including those not yet registered as clients.',
      [],
      (metric) => metric.set(this.connections.size),
    );
    this.gauge('rooms', 'Rooms on all nodes.', [], async (metric) => metric.set(await this.rooms.count()));
    this.counter('connects_total', 'Connections registered as clients.', ['protocol'], (metric) => {
      for (const [protocol, { connects }] of this.counters.byProtocol()) metric.inc({ protocol }, connects);
    });
    this.counter('disconnects_total', 'Closed connections.', ['reason'], (metric) => {
      for (const [reason, count] of this.counters.endedConnections.entries()) metric.inc({ reason }, count);
    });
    this.counter('slow_clients_total', 'Clients disconnected because they read too slowly.', [], (metric) =>
      metric.inc(this.counters.endedConnections.get('too slow')),
    );
    this.counter('refused_requests_total', 'Refused connection requests.', ['status'], (metric) => {
      for (const [status, count] of this.counters.refusedUpgrades.entries()) metric.inc({ status }, count);
    });
    this.counter('auth_total', 'Checks of who a client is.', ['realm', 'outcome', 'reason'], (metric) => {
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
        this.counter(`${unit}_${direction}_total`, `${help} ${where} clients.`, ['protocol', 'kind'], (metric) => {
          for (const [protocol, counters] of this.counters.byProtocol()) {
            for (const [kind, count] of counters[direction].entries()) metric.inc({ protocol, kind }, count[unit]);
          }
        });
      }
    }
    this.counter('rejected_frames_total', 'Frames answered with an error.', ['reason'], (metric) => {
      for (const [reason, count] of this.counters.rejectedFrames.entries()) metric.inc({ reason }, count);
    });
  }

  private describeQueue(): void {
    this.gauge('waiting_signals', 'Signals queued for absent clients.', [], async (metric) =>
      metric.set(await this.mailbox.count()),
    );
    this.counter('expired_signals_total', 'Pairs of sender and absent client with expired signals.', [], (metric) =>
      metric.inc(this.mailbox.expiredPairs),
    );
  }

  private describeServer(): void {
    this.counter('dropped_log_lines_total', 'Log lines dropped because they could not be written.', [], (metric) =>
      metric.inc(this.log.output.dropped),
    );
    this.gauge('event_loop_delay_p99_seconds', 'Event loop delay since the last scrape.', [], (metric) => {
      metric.set(this.delay.percentile(99) / 1e9);
      this.delay.reset();
    });
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

  private gauge(name: string, help: string, labelNames: string[], read: (metric: Gauge) => void | Promise<void>): void {
    this.register(
      new Gauge({
        name: PREFIX + name,
        help,
        labelNames,
        registers: [],
        async collect() {
          this.reset();
          await read(this);
        },
      }),
    );
  }

  private counter(name: string, help: string, labelNames: string[], read: (metric: Counter) => void): void {
    this.register(
      new Counter({
        name: PREFIX + name,
        help,
        labelNames,
        registers: [],
        collect() {
          this.reset();
          read(this);
        },
      }),
    );
  }

  private register(metric: Metric): void {
    this.registry.registerMetric(metric);
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
