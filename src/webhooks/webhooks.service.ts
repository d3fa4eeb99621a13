import { randomUUID } from 'node:crypto';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { NodeIdentity } from '../common/node-identity.js';
import { WebhooksOptions } from '../config/sections/webhooks.options.js';
import { Counters } from '../counters/counters.js';
import { EventCursors } from '../events/event-cursors.js';
import { EventJournal } from '../events/event-journal.js';
import { Log } from '../logging/log.js';
import { DeliveryReport } from './delivery-report.js';
import type { DeliveryState } from './delivery-state.js';
import { MAX_AGE_MS, MAX_WAITING } from './waiting-events.js';
import { type DeliveryContext, WebhookDelivery } from './webhook-delivery.js';
import { WebhookEndpoint } from './webhook-endpoint.js';
import { type WebhookOutcome, WebhookSender } from './webhook-sender.js';

/** Longest time in which a node that stops delivers what waits. */
const PATIENCE_MS = 2000;

/** An endpoint and what has become of its deliveries; without `state`, none has begun. */
export interface WebhookStatus {
  readonly endpoint: WebhookEndpoint;
  readonly state?: DeliveryState;
}

/** The endpoints of the option `webhooks`, and the delivery of events to them. */
@Injectable()
export class WebhooksService implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown {
  private readonly deliveries: readonly WebhookDelivery[];
  private readonly context: DeliveryContext;
  private beginning?: number;

  /**
   * @throws ConfigError for a file without a secret
   * @internal
   */
  constructor(
    options: WebhooksOptions,
    private readonly journal: EventJournal,
    cursors: EventCursors,
    counters: Counters,
    { name: node }: NodeIdentity,
    private readonly log: Log,
  ) {
    this.context = { journal, cursors, node, run: randomUUID(), startedAt: new Date().toISOString() };
    this.deliveries = WebhookEndpoint.all(options.webhooks).map((endpoint) => {
      const sender = new WebhookSender(endpoint.url, options.webhookAllowPrivate);
      const report = new DeliveryReport(endpoint, counters.ofWebhook(endpoint.n), log);
      const delivery = new WebhookDelivery(endpoint, sender, report, this.context);
      counters.ofWebhook(endpoint.n).waiting = () => delivery.waiting;
      return delivery;
    });
    if (this.deliveries.length > 0) journal.retain({ maxEvents: MAX_WAITING, maxAgeMs: MAX_AGE_MS });
  }

  async onModuleInit(): Promise<void> {
    if (this.deliveries.length === 0) return;
    // Over Redis there may be no connection yet: an endpoint without a state then begins when a node gets its reader.
    this.beginning = await this.journal.newest().catch(() => undefined);
    const unsigned = this.deliveries.filter(({ endpoint }) => endpoint.secrets.length === 0);
    const webhooks = unsigned.map(({ endpoint }) => endpoint.n);
    if (webhooks.length > 0) this.log.logger.warn({ webhooks }, 'webhooks without a secret are not signed');
  }

  async onApplicationBootstrap(): Promise<void> {
    await Promise.all(this.deliveries.map((delivery) => delivery.start(this.beginning)));
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.deliveries.map((delivery) => delivery.stop(PATIENCE_MS)));
  }

  /**
   * The endpoints with their states, which are up to a second old if another node delivers.
   * @throws DomainError UNAVAILABLE
   */
  list(): Promise<WebhookStatus[]> {
    return Promise.all(
      this.deliveries.map(async (delivery) => ({ endpoint: delivery.endpoint, state: await delivery.find() })),
    );
  }

  /**
   * Sends an event `webhook.test` to an endpoint, past those that wait.
   * @returns undefined if there is no such endpoint
   */
  async test(n: number): Promise<WebhookOutcome | undefined> {
    const at = new Date().toISOString();
    return this.deliveries[n]?.send({ type: 'webhook.test', id: `test-${randomUUID()}`, at, node: this.context.node });
  }

  /**
   * Sends an event of the journal to an endpoint again, past those that wait.
   * @returns undefined if there is no such endpoint, or the journal has no such event of its realms
   * @throws DomainError UNAVAILABLE
   */
  async replay(n: number, id: string): Promise<WebhookOutcome | undefined> {
    const delivery = this.deliveries[n];
    const position = delivery && (await this.journal.find(id));
    if (position === undefined) return undefined;
    const { entries } = await this.journal.read(position - 1, 1);
    const event = entries[0]?.event;
    return event?.id === id && delivery?.endpoint.mayHave(event) ? delivery.send(event) : undefined;
  }
}
