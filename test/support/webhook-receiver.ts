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
  readonly room?: string;
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
  /** Number of all requests, and of those whose signature is not valid, which get 401. */
  requests = 0;
  forged = 0;
  /** Answers a request; the default accepts it. */
  answer: (response: ServerResponse) => void = (response) => response.writeHead(204).end();

  private constructor(
    readonly backend: Backend,
    /** With which the requests are verified from now on. */
    public secret: string,
  ) {}

  static async start(secret = WEBHOOK_SECRET): Promise<WebhookReceiver> {
    const receiver: WebhookReceiver = new WebhookReceiver(await Backend.start(() => undefined), secret);
    receiver.backend.answer = (request, response) => {
      receiver.requests++;
      const headers = request.headers as Record<string, string>;
      // A request that is cut off has no answer.
      text(request).then((raw) => receiver.received(raw, headers, response), () => undefined); // prettier-ignore
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

  private received(raw: string, headers: Readonly<Record<string, string>>, response: ServerResponse): void {
    const message = this.verified(raw, headers);
    if (!message) {
      this.forged++;
      response.writeHead(401).end();
      return;
    }
    response.once('finish', () => {
      if (response.statusCode < 300) this.accepted.push({ id: headers['webhook-id'] ?? '', ...message });
    });
    this.answer(response);
  }

  private verified(raw: string, headers: Readonly<Record<string, string>>): Omit<Received, 'id'> | undefined {
    try {
      const { type, data } = new Webhook(this.secret).verify(raw, headers) as Received;
      return { type, data };
    } catch {
      return undefined;
    }
  }
}
