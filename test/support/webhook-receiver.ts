import type { ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { Backend } from './issuer.js';

export const WEBHOOK_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

/** An event as an endpoint gets it. */
export interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  readonly client?: string;
  readonly [member: string]: unknown;
}

interface Received {
  readonly id: string;
  readonly type: string;
  readonly data: ReceivedEvent | readonly ReceivedEvent[];
}

/** A real HTTP endpoint, which verifies each request with npm `standardwebhooks`. */
export class WebhookReceiver {
  /** The requests that were accepted, in order. */
  readonly accepted: Received[] = [];
  /** Number of all requests. */
  requests = 0;
  /** Answers a request; the default accepts it. */
  answer: (response: ServerResponse) => void = (response) => response.writeHead(204).end();

  private constructor(readonly backend: Backend) {}

  static async start(secret = WEBHOOK_SECRET): Promise<WebhookReceiver> {
    const receiver: WebhookReceiver = new WebhookReceiver(await Backend.start(() => undefined));
    receiver.backend.answer = (request, response) => {
      receiver.requests++;
      void text(request).then((raw) => {
        const headers = request.headers as Record<string, string>;
        const { type, data } = new Webhook(secret).verify(raw, headers) as Received;
        receiver.answer(response);
        if (response.statusCode < 300 && response.writableEnded) {
          receiver.accepted.push({ id: headers['webhook-id'] ?? '', type, data });
        }
      });
    };
    return receiver;
  }

  get url(): string {
    return `${this.backend.url}/hooks?key=hidden-in-a-query`;
  }

  /** The events of all accepted requests, in order. */
  get events(): readonly ReceivedEvent[] {
    return this.accepted.flatMap(({ data }) => data);
  }

  /** The accepted events of clients, as "TYPE CLIENT". */
  get clients(): readonly string[] {
    return this.events.filter(({ client }) => client !== undefined).map(({ type, client }) => `${type} ${client}`);
  }
}
