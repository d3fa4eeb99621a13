import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { ClientsService } from '../clients/clients.service.js';
import { MessageBus } from '../common/message-bus.js';
import { NodeCalls } from '../common/node-calls.js';
import { NodeIdentity } from '../common/node-identity.js';
import { packageVersion } from '../common/package-version.js';
import { Counters, type FrameCount, type ProtocolCounters } from '../counters/counters.js';
import { Log } from '../logging/log.js';
import type { LogThreshold } from '../logging/logger.js';
import { Connections } from '../transport/lifecycle/connections.js';
import { DrainService } from '../transport/lifecycle/drain.service.js';
import type { Flow, NodeStatus, NodeSurvey } from './node-status.js';

const STATUS = 'node status';
const DRAIN = 'drain node';
const UNDRAIN = 'undrain node';
const SET_LOG_LEVEL = 'set log level';

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
    calls.handle(UNDRAIN, () => drains.acceptClients());
    calls.handle(SET_LOG_LEVEL, (level: LogThreshold) => void (log.logger.level = level));
  }

  onModuleInit(): void {
    this.timer = setInterval(() => (this.samples = [this.samples[1], this.sample()]), SAMPLE_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Asks all nodes for their status. Both lists of the result are sorted by name. */
  async survey(): Promise<NodeSurvey> {
    const names = (await this.bus.nodes()).sort((a, b) => (a < b ? -1 : 1));
    const answers = await Promise.allSettled(names.map((name) => this.calls.call<NodeStatus>(name, STATUS, null)));
    return {
      nodes: answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : [])),
      unreachable: names.filter((_, at) => answers[at]?.status === 'rejected'),
    };
  }

  /**
   * Makes a node refuse new clients and disconnect its own.
   * @returns false if the node does not exist
   * @throws DomainError UNAVAILABLE if the node does not respond
   */
  async drain(name: string): Promise<boolean> {
    return (await this.callNode(name, DRAIN)) !== undefined;
  }

  /**
   * Makes a node accept clients again.
   * @returns undefined if the node does not exist; false if it is shutting down
   * @throws DomainError UNAVAILABLE if the node does not respond
   */
  async undrain(name: string): Promise<boolean | undefined> {
    return (await this.callNode<boolean>(name, UNDRAIN)) ?? undefined;
  }

  /**
   * Sets the lowest level of the lines that a node logs, until it restarts.
   * @returns false if the node does not exist
   * @throws DomainError UNAVAILABLE if the node does not respond
   */
  async setLogLevel(name: string, level: LogThreshold): Promise<boolean> {
    return (await this.callNode(name, SET_LOG_LEVEL, level)) !== undefined;
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
      logLevel: this.log.logger.level,
      rssBytes: process.memoryUsage.rss(),
      in: flow(then.in, now.in, now.at - then.at),
      out: flow(then.out, now.out, now.at - then.at),
    };
  }

  /** Returns the result of a call, null if it has none; undefined if the node does not exist. */
  private async callNode<R>(name: string, method: string, argument: unknown = null): Promise<R | null | undefined> {
    if (!(await this.bus.nodes()).includes(name)) return undefined;
    return (await this.calls.call<R | undefined>(name, method, argument)) ?? null;
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
