import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { AdminAccess } from '../access/admin-access.js';
import { Backplane } from '../common/backplane.js';
import { NodeCalls } from '../common/node-calls.js';
import { NodeIdentity } from '../common/node-identity.js';
import type { NodeAnswers } from '../nodes/node-status.js';
import { NodesService } from '../nodes/nodes.service.js';
import { NodeSampler } from './node-sampler.js';
import { type Columns, columnsOf } from './sample.js';
import { SampleRing } from './sample-ring.js';

const HISTORY = 'node history';

/** Interval between samples, and number of samples that a node keeps: 15 minutes. */
export const INTERVAL_SECONDS = 5;
const KEPT = 180;
const INTERVAL_MS = INTERVAL_SECONDS * 1000;

/** The samples of one node. */
export interface NodeHistory {
  readonly name: string;
  /** Time of the newest sample that the node has; absent if it has none. */
  readonly newest?: number;
  readonly columns: Columns;
}

/** The last minutes of all nodes. A node takes its samples in memory, while its admin API is on. */
@Injectable()
export class HistoryService implements OnModuleInit, OnApplicationShutdown {
  private readonly ring = new SampleRing(KEPT);
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly sampler: NodeSampler,
    private readonly access: AdminAccess,
    private readonly backplane: Backplane,
    private readonly node: NodeIdentity,
    private readonly nodes: NodesService,
    calls: NodeCalls,
  ) {
    calls.handle(HISTORY, (since: number) => this.here(since));
  }

  onModuleInit(): void {
    if (this.access.isOn) this.sampler.start();
    this.schedule();
  }

  onApplicationShutdown(): void {
    clearTimeout(this.timer);
  }

  /**
   * Asks all nodes for their samples; while the backplane is away, this node alone.
   * @param since returns only samples that are newer, in seconds since 1970
   * @throws DomainError UNAVAILABLE if the backplane does not respond, and this node has not noticed yet
   */
  async survey(since: number): Promise<NodeAnswers<NodeHistory>> {
    if (!this.backplane.isAvailable) return { answers: [this.here(since)], unreachable: [] };
    return this.nodes.askAll(HISTORY, since);
  }

  private here(since: number): NodeHistory {
    const { newest } = this.ring;
    return {
      name: this.node.name,
      ...(newest !== undefined && { newest }),
      columns: columnsOf(this.ring.since(since)),
    };
  }

  /** Waits for the next multiple of the interval, so that the samples of all nodes have the same times. */
  private schedule(): void {
    const next = slotOf(Date.now()) + INTERVAL_MS;
    this.timer = setTimeout(() => {
      this.tick();
      this.schedule();
    }, next - Date.now());
    this.timer.unref();
  }

  private tick(): void {
    // A reload can change it.
    if (!this.access.isOn) {
      this.sampler.stop();
      this.ring.clear();
      return;
    }
    const sample = this.sampler.take(slotOf(Date.now()) / 1000);
    if (sample) this.ring.add(sample);
  }
}

/** The nearest multiple of the interval, because timers may be early. */
function slotOf(ms: number): number {
  return Math.round(ms / INTERVAL_MS) * INTERVAL_MS;
}
