import { randomUUID } from 'node:crypto';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { LiveConfig, type Prepared } from '../config/live-config.js';
import { WebhooksOptions } from '../config/sections/webhooks.options.js';
import { ServerEvents } from '../events/server-events.js';
import { Tracing } from '../tracing/tracing.js';
import { DeliveryContext } from './delivery-context.js';
import { DeliveryReport } from './delivery-report.js';
import type { DeliveryState } from './delivery-state.js';
import { MAX_AGE_MS, MAX_WAITING } from './waiting-events.js';
import { WebhookDelivery } from './webhook-delivery.js';
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
  /** In the order of the option. */
  private deliveries: readonly WebhookDelivery[];

  /**
   * @throws ConfigError for a file without a secret
   * @internal
   */
  constructor(
    private readonly options: WebhooksOptions,
    private readonly context: DeliveryContext,
    private readonly events: ServerEvents,
    private readonly tracing: Tracing,
    live: LiveConfig,
  ) {
    this.deliveries = WebhookEndpoint.all(options.webhooks).map((endpoint) => this.deliveryTo(endpoint));
    live.onChange((next) => this.prepare(next));
  }

  onModuleInit(): void {
    this.serve();
  }

  async onApplicationBootstrap(): Promise<void> {
    await Promise.all(this.deliveries.map((delivery) => delivery.start()));
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
    const { journal } = this.context;
    const position = delivery && (await journal.find(id));
    if (position === undefined) return undefined;
    const { entries } = await journal.read(position - 1, 1);
    const event = entries[0]?.event;
    return event?.id === id && delivery?.endpoint.mayHave(event) ? delivery.send(event) : undefined;
  }

  private deliveryTo(endpoint: WebhookEndpoint): WebhookDelivery {
    const { counters, log } = this.context;
    const sender = new WebhookSender(endpoint.url, this.options.webhookAllowPrivate, this.tracing);
    return new WebhookDelivery(endpoint, sender, new DeliveryReport(endpoint, counters, log), this.context);
  }

  private prepare({ webhooks }: Config): Prepared {
    const endpoints = WebhookEndpoint.all(webhooks);
    return { apply: () => this.replace(endpoints) };
  }

  /** Starts and stops deliveries. Those to an endpoint that was there before go on, with its new options. */
  private replace(endpoints: readonly WebhookEndpoint[]): void {
    const former = new Map(this.deliveries.map((delivery) => [delivery.endpoint.reader, delivery]));
    this.deliveries = endpoints.map((endpoint) => {
      const same = former.get(endpoint.reader);
      former.delete(endpoint.reader);
      if (!same) return this.deliveryTo(endpoint);
      same.endpoint.become(endpoint);
      return same;
    });
    this.serve();
    for (const delivery of this.deliveries) void delivery.start();
    for (const delivery of former.values()) void delivery.stop(0);
  }

  /** Lets the journal and the metrics serve the endpoints. */
  private serve(): void {
    const { journal, counters, log } = this.context;
    const endpoints = this.deliveries.map(({ endpoint }) => endpoint);
    if (endpoints.length > 0) journal.retain({ maxEvents: MAX_WAITING, maxAgeMs: MAX_AGE_MS });
    this.events.keepSignals(endpoints.some(({ wantsSignals }) => wantsSignals));
    for (const { n } of endpoints) counters.ofWebhook(n).waiting = () => this.deliveries[n]?.waiting;
    const webhooks = endpoints.filter(({ secrets }) => secrets.length === 0).map(({ n }) => n);
    if (webhooks.length > 0) log.logger.warn({ webhooks }, 'webhooks without a secret are not signed');
  }
}
