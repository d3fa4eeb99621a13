import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Deliverer } from './deliverer.js';
import type { DeliveryContext } from './delivery-context.js';
import type { DeliveryReport } from './delivery-report.js';
import { type DeliveryState, parseState } from './delivery-state.js';
import { ReaderLease, type Tenure } from './reader-lease.js';
import { WaitingEvents } from './waiting-events.js';
import type { WebhookEndpoint } from './webhook-endpoint.js';
import { messageOf, type WebhookData } from './webhook-message.js';
import type { WebhookOutcome, WebhookSender } from './webhook-sender.js';

/** Interval at which a stop checks whether events still wait. */
const LOOK_MS = 20;

/** Delivers the events to one endpoint while this node has its reader. */
export class WebhookDelivery implements Tenure {
  private readonly lease: ReaderLease;
  private deliverer?: Deliverer;
  /** ISO time from which on an endpoint without a saved state gets events. */
  private readonly since = new Date().toISOString();
  /** Position behind which this node continues; undefined before it has had the reader. */
  private lastDone?: number;

  constructor(
    readonly endpoint: WebhookEndpoint,
    private readonly sender: WebhookSender,
    private readonly report: DeliveryReport,
    private readonly context: DeliveryContext,
  ) {
    const { cursors, node } = context;
    // Every delivery is an owner of its own: one that stops does not end the lease of the next one.
    this.lease = new ReaderLease(cursors, endpoint.reader, `${node} ${randomUUID()}`, this);
  }

  /** Number of waiting events; undefined if another node delivers. */
  get waiting(): number | undefined {
    if (!this.lease.isValid) return undefined;
    return this.report.endedAt === undefined ? (this.deliverer?.size ?? 0) : 0;
  }

  /** Begins, unless it has begun. Resolves after an attempt to get the reader. */
  start(): Promise<void> {
    return this.lease.start();
  }

  async begin(state: string | undefined): Promise<void> {
    const former = state === undefined ? undefined : parseState(state);
    const { startedAt, journal } = this.context;
    const isEnded = former?.endedAt !== undefined && former.endedAt > startedAt;
    // The endpoint has answered 410, and this node has restarted since.
    const isRenewed = former?.endedAt !== undefined && !isEnded;
    this.report.resume({ ...former, ...(isRenewed ? { endedAt: undefined } : {}) });
    const position =
      former && !isRenewed ? former.position : (this.lastDone ?? (await this.context.before(this.since)));
    this.lastDone = position;
    if (isEnded) return;
    const waiting = new WaitingEvents(this.endpoint, journal, position, (count) => this.report.lost(count));
    this.deliverer = new Deliverer(this.endpoint, waiting, this.sender, this.report, this.lease);
    void this.deliverer.run();
  }

  end(): void {
    this.lastDone = this.deliverer?.done ?? this.lastDone;
    this.deliverer?.stop();
    this.deliverer = undefined;
  }

  state(): string {
    return JSON.stringify(this.current());
  }

  /** The state of the endpoint, as this node or the one that delivers has saved it last. */
  async find(): Promise<DeliveryState | undefined> {
    if (this.lease.isValid) return this.current();
    const saved = await this.context.cursors.find(this.endpoint.reader);
    return saved === undefined ? undefined : parseState(saved);
  }

  /** Sends one request beside the events that wait. */
  async send(data: WebhookData): Promise<WebhookOutcome> {
    return this.sender.send(messageOf(this.endpoint, [data]), new AbortController().signal);
  }

  /** Delivers what waits for at most a time, unless the endpoint fails, and lets other nodes go on. */
  async stop(patienceMs: number): Promise<void> {
    const deadline = performance.now() + patienceMs;
    while (this.deliverer && this.deliverer.size > 0 && this.report.failures === 0 && performance.now() < deadline) {
      await sleep(LOOK_MS);
    }
    await this.lease.stop();
    this.report.close();
    this.sender.close();
  }

  private current(): DeliveryState {
    const { lastSuccess, lastError, endedAt, dropped } = this.report;
    const { deliverer, lastDone } = this;
    const position = deliverer?.done ?? lastDone ?? 0;
    return {
      position,
      node: this.context.node,
      waiting: this.waiting ?? 0,
      dropped,
      lastSuccess,
      lastError,
      endedAt,
    };
  }
}
