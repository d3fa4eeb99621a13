import { webhookHeaders } from '../common/webhook-signature.js';
import type { ServerEvent } from '../events/server-event.js';
import type { WebhookEndpoint } from './webhook-endpoint.js';

/** An event, or what is sent to try an endpoint. */
export type WebhookData = ServerEvent | WebhookTest;

/** What is sent to try an endpoint. */
export interface WebhookTest {
  readonly type: 'webhook.test';
  readonly id: string;
  readonly at: string;
  readonly node: string;
}

/** A request to an endpoint. */
export interface WebhookMessage {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Returns the signed request for some data, of which there is one if the endpoint has no batches. */
export function messageOf(
  { batch, secrets }: WebhookEndpoint,
  data: readonly [WebhookData, ...WebhookData[]],
): WebhookMessage {
  const [first] = data;
  const isBatch = batch > 1;
  const { type, timestamp, id } = isBatch
    ? { type: 'batch', timestamp: data.at(-1)!.at, id: `${first.id}.${data.length}` }
    : { type: first.type, timestamp: first.at, id: first.id };
  const body = JSON.stringify({ type, timestamp, data: isBatch ? data : first });
  const headers = { 'content-type': 'application/json', ...webhookHeaders(id, body, secrets) };
  return { body, headers };
}
