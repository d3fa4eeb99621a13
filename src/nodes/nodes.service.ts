import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { ClientsService } from '../clients/clients.service.js';
import { MessageBus } from '../common/message-bus.js';
import { NodeCalls } from '../common/node-calls.js';
import { NodeIdentity } from '../common/node-identity.js';
import { packageVersion } from '../common/package-version.js';
import { Counters, type FrameCount, type ProtocolCounters } from '../counters/counters.js';
import { Log } from '../logging/log.js';
import { Connections } from '../transport/lifecycle/connections.js';
import { DrainService } from '../transport/lifecycle/drain.service.js';
import type { Flow, NodeStatus } from './node-status.js';

const STATUS = 'node status';
const DRAIN = 'drain node';

/** Interval between samples. Rates are averages over the last two intervals. */
const SAMPLE_MS = 5000;

const VERSION = packageVersion();

interface Sample {
  readonly at: number;
  readonly in: FrameCount;
  readonly out: FrameCount;
}

/** Status and drain of all nodes. */
@Injectable()
export class NodesService implements OnModuleInit, OnApplicationShutdown {
  private readonly since = Date.now();
  private samples: [Sample, Sample];
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly bus: MessageBus,
    private readonly calls: NodeCalls,
    private readonly node: NodeIdentity,
    private readonly clients: ClientsService,
    private readonly connections: Connections,
    private readonly counters: Counters,
    private readonly drains: DrainService,
    private readonly log: Log,
  ) {
    this.samples = [this.sample(), this.sample()];
    calls.handle(STATUS, () => this.status());
    calls.handle(DRAIN, () => this.drainHere());
  }

  onModuleInit(): void {
    this.timer = setInterval(() => (this.samples = [this.samples[1], this.sample()]), SAMPLE_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Returns the status of all nodes that respond, by name. */
  async list(): Promise<NodeStatus[]> {
    const names = await this.bus.nodes();
    const answers = await Promise.allSettled(names.map((name) => this.calls.call<NodeStatus>(name, STATUS, null)));
    return answers
      .flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * Makes a node refuse new clients and disconnect its own.
   * @returns false if the node does not exist
   * @throws DomainError UNAVAILABLE if the node does not respond
   */
  async drain(name: string): Promise<boolean> {
    if (!(await this.bus.nodes()).includes(name)) return false;
    await this.calls.call(name, DRAIN, null);
    return true;
  }

  /** Returns the status of this node. */
  status(): NodeStatus {
    const clientsByProtocol: Record<string, number> = {};
    for (const [protocol, byRealm] of this.clients.countsHere) {
      const count = [...byRealm.values()].reduce((sum, clients) => sum + clients, 0);
      if (count > 0) clientsByProtocol[protocol] = count;
    }
    const now = this.sample();
    const [then] = this.samples;
    return {
      name: this.node.name,
      version: VERSION,
      since: this.since,
      clients: this.clients.countHere,
      clientsByProtocol,
      connections: this.connections.size,
      isDraining: this.drains.isDraining,
      rssBytes: process.memoryUsage.rss(),
      in: flow(then.in, now.in, now.at - then.at),
      out: flow(then.out, now.out, now.at - then.at),
    };
  }

  private drainHere(): void {
    this.drains.sendClientsAway().catch((error: unknown) => {
      this.log.logger.error({ err: error }, 'drain failed');
    });
  }

  private sample(): Sample {
    const all = [...this.counters.byProtocol()].map(([, counters]) => counters);
    return { at: performance.now(), in: sum(all, 'in'), out: sum(all, 'out') };
  }
}

function sum(all: readonly ProtocolCounters[], direction: 'in' | 'out'): FrameCount {
  const total = { frames: 0, bytes: 0 };
  for (const counters of all) {
    const { frames, bytes } = counters[direction].total;
    total.frames += frames;
    total.bytes += bytes;
  }
  return total;
}

function flow(then: FrameCount, { frames, bytes }: FrameCount, ms: number): Flow {
  const perSecond = (count: number): number => (ms > 0 ? Math.round((count * 10_000) / ms) / 10 : 0);
  return {
    frames,
    bytes,
    framesPerSecond: perSecond(frames - then.frames),
    bytesPerSecond: perSecond(bytes - then.bytes),
  };
}
