import { setTimeout as sleep } from 'node:timers/promises';
import { isUnavailable } from '../common/domain-error.js';
import type { JournalEntry } from '../events/event-journal.js';
import { backoffMs } from './backoff.js';
import type { DeliveryReport } from './delivery-report.js';
import type { WaitingEvents } from './waiting-events.js';
import type { WebhookEndpoint } from './webhook-endpoint.js';
import { messageOf } from './webhook-message.js';
import type { WebhookSender } from './webhook-sender.js';

/** Delay after a failed read of the journal. */
const RETRY_MS = 250;
const GONE = 410;

/** What a deliverer needs of the lease of its reader. */
export interface Progress {
  /** Whether no other node delivers to the endpoint. */
  readonly isValid: boolean;
  renew(): Promise<void>;
  saveSoon(): void;
}

/** Delivers the waiting events of one endpoint, one request at a time, while this node has the reader. */
export class Deliverer {
  private readonly stopping = new AbortController();
  /** The events of the last attempt, which the next one repeats. */
  private attempted: readonly JournalEntry[] = [];

  constructor(
    private readonly endpoint: WebhookEndpoint,
    private readonly waiting: WaitingEvents,
    private readonly sender: WebhookSender,
    private readonly report: DeliveryReport,
    private readonly progress: Progress,
  ) {}

  get size(): number {
    return this.waiting.size;
  }

  /** Position before all events that are still to be delivered. */
  get done(): number {
    return this.waiting.done;
  }

  private isStopped(): boolean {
    return this.stopping.signal.aborted;
  }

  /** Delivers until `stop` or a 410. */
  async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!this.isStopped()) {
      await this.waiting.someAdded(signal);
      if (this.isStopped()) return;
      if (this.progress.isValid) await this.deliver(signal);
      else await this.progress.renew();
    }
  }

  /** Ends at once. A request under way is cut off. */
  stop(): void {
    this.stopping.abort();
    this.waiting.stop();
  }

  private async deliver(signal: AbortSignal): Promise<void> {
    const entries = await this.next(signal);
    const [first, ...others] = entries.map(({ event }) => event);
    if (!first || this.isStopped()) return;
    this.attempted = entries;
    const outcome = await this.sender.send(messageOf(this.endpoint, [first, ...others]), signal);
    // An attempt that was cut off says nothing about the endpoint.
    if (this.isStopped() && !outcome.isDelivered) return;
    this.report.attempted(outcome, entries.length);
    if (outcome.status === GONE) this.end();
    else if (outcome.isDelivered) this.waiting.delivered(entries);
    else await pause(backoffMs(this.report.failures), signal);
    this.progress.saveSoon();
  }

  /** Returns the next events, those of the last attempt first: its request keeps its id. */
  private async next(signal: AbortSignal): Promise<readonly JournalEntry[]> {
    const [last] = this.attempted;
    try {
      const entries = await this.waiting.next(this.endpoint.batch);
      const isSame = this.report.failures > 0 && entries[0]?.position === last?.position;
      return isSame ? entries.slice(0, this.attempted.length) : entries;
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      await pause(RETRY_MS, signal);
      return [];
    }
  }

  private end(): void {
    this.report.ended();
    this.stop();
  }
}

/** Waits for a time, or until the signal aborts. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
