import type { Counters } from '../counters/counters.js';
import type { WebhookCounters } from '../counters/webhook-counters.js';
import { Troubles } from '../identity/troubles.js';
import type { Log } from '../logging/log.js';
import type { DeliveryError, DeliveryState } from './delivery-state.js';
import type { WebhookEndpoint } from './webhook-endpoint.js';
import type { WebhookOutcome } from './webhook-sender.js';

/** Minimum interval between two lines about lost events. */
const INTERVAL_MS = 10_000;

/** The outcome of the deliveries to one endpoint: counted, logged, and shown by the admin API. */
export class DeliveryReport {
  lastSuccess?: string;
  lastError?: DeliveryError;
  endedAt?: string;
  /** Number of attempts that have failed since the last success. */
  failures = 0;
  dropped = 0;
  /** Number of lost events that are not logged yet. */
  private unlogged = 0;
  private timer?: NodeJS.Timeout;
  private readonly troubles: Troubles;

  constructor(
    private readonly endpoint: WebhookEndpoint,
    private readonly allCounters: Counters,
    private readonly log: Log,
  ) {
    this.troubles = new Troubles(log, 'a webhook', endpoint.shownUrl);
  }

  /** Continues the report of the node that delivered before. */
  resume({ lastSuccess, lastError, endedAt, dropped }: Partial<DeliveryState>): void {
    Object.assign(this, { lastSuccess, lastError, endedAt, dropped: dropped ?? 0, failures: 0 });
  }

  /** @param count number of events in the request */
  attempted({ isDelivered, problem = '', durationMs }: WebhookOutcome, count: number): void {
    this.counters.seconds += durationMs / 1000;
    if (isDelivered) {
      if (this.failures > 0) this.log.logger.info({ ...this.where, attempts: this.failures + 1 }, 'a webhook answers');
      this.counters.delivered += count;
      this.counters.succeeded++;
      this.failures = 0;
      this.lastSuccess = new Date().toISOString();
      return;
    }
    this.counters.failed++;
    this.failures++;
    this.lastError = { at: new Date().toISOString(), problem };
    this.troubles.note(problem);
  }

  ended(): void {
    this.endedAt = new Date().toISOString();
    this.log.logger.warn(this.where, 'a webhook has answered 410: it gets no more events until a restart');
  }

  lost(count: number): void {
    this.dropped += count;
    this.counters.dropped += count;
    this.unlogged += count;
    this.timer ??= setTimeout(() => this.logLost(), INTERVAL_MS).unref();
    if (this.unlogged === this.dropped) this.logLost();
  }

  /** Logs the losses that are not logged yet. */
  close(): void {
    this.logLost();
  }

  /** Looked up each time, because a reload may change the endpoint's place in the option. */
  private get counters(): WebhookCounters {
    return this.allCounters.ofWebhook(this.endpoint.n);
  }

  private get where(): { readonly webhook: number; readonly url: string } {
    return { webhook: this.endpoint.n, url: this.endpoint.shownUrl };
  }

  private logLost(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const events = this.unlogged;
    if (events > 0) this.log.logger.error({ ...this.where, events }, 'events for a webhook were dropped');
    this.unlogged = 0;
  }
}
