import { setTimeout as sleep } from 'node:timers/promises';
import type { EventCursors } from '../events/event-cursors.js';
import type { EventJournal } from '../events/event-journal.js';
import { Deliverer } from './deliverer.js';
import type { DeliveryReport } from './delivery-report.js';
import { type DeliveryState, parseState } from './delivery-state.js';
import { ReaderLease, type Tenure } from './reader-lease.js';
import { WaitingEvents } from './waiting-events.js';
import type { WebhookEndpoint } from './webhook-endpoint.js';
import type { WebhookData } from './webhook-message.js';
import { messageOf } from './webhook-message.js';
import type { WebhookOutcome, WebhookSender } from './webhook-sender.js';

/** Interval of looks at what still waits at the shutdown. */
const LOOK_MS = 20;

/** What the deliveries to all endpoints share. */
export interface DeliveryContext {
  readonly journal: EventJournal;
  readonly cursors: EventCursors;
  /** Name of this node. */
  readonly node: string;
  /** Tells this run of the node from all others. */
  readonly run: string;
  /** Time at which this run has begun, in the format of ISO 8601. */
  readonly startedAt: string;
}

/** Delivers the events to one endpoint while this node has its reader. */
export class WebhookDelivery implements Tenure {
  private readonly lease: ReaderLease;
  private deliverer?: Deliverer;
  /** Position from which an endpoint without a saved state begins. */
  private beginning?: number;
  private lastDone = 0;

  constructor(
    readonly endpoint: WebhookEndpoint,
    private readonly sender: WebhookSender,
    private readonly report: DeliveryReport,
    private readonly context: DeliveryContext,
  ) {
    const { cursors, node, run } = context;
    this.lease = new ReaderLease(cursors, endpoint.reader, `${node} ${run}`, this);
  }

  /** Number of waiting events; undefined if another node delivers. */
  get waiting(): number | undefined {
    if (!this.lease.isValid) return undefined;
    return this.report.endedAt === undefined ? (this.deliverer?.size ?? 0) : 0;
  }

  /**
   * Resolves after the first attempt to get the reader.
   * @param beginning position of the newest event when this node started; undefined if it was not known
   */
  async start(beginning: number | undefined): Promise<void> {
    this.beginning = beginning;
    await this.lease.start();
  }

  async begin(state: string | undefined): Promise<void> {
    const former = state === undefined ? undefined : parseState(state);
    const { startedAt, journal } = this.context;
    const isEnded = former?.endedAt !== undefined && former.endedAt > startedAt;
    const isRenewed = former?.endedAt !== undefined && !isEnded;
    this.report.resume({ ...former, ...(isRenewed ? { endedAt: undefined } : {}) });
    const position = former && !isRenewed ? former.position : (this.beginning ?? (await journal.newest()));
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
    const position = deliverer?.done ?? lastDone;
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
