import { createHash } from 'node:crypto';
import { type EventPattern, typesOf } from '../common/event-types.js';
import { completed, type Given } from '../config/members.js';
import { EndpointOptions } from '../config/sections/webhooks.options.js';
import type { ServerEvent } from '../events/server-event.js';
import { readSecrets } from '../identity/secrets.js';

/** An endpoint of the option `webhooks`, with its secrets. A reload may change all but its URL. */
export class WebhookEndpoint {
  readonly url: URL;
  readonly secrets: readonly string[];
  readonly events: readonly EventPattern[];
  readonly realms: readonly string[];
  readonly batch: number;
  readonly leaveGraceMs: number;
  /** Without the query, which may hold secrets. */
  readonly shownUrl: string;
  private readonly types: ReadonlySet<string>;

  /**
   * @param n its place in the option
   * @param reader name of its reader of the journal
   * @throws ConfigError for a file without a secret
   */
  private constructor(
    readonly n: number,
    readonly reader: string,
    options: EndpointOptions,
  ) {
    this.url = new URL(options.url);
    this.shownUrl = this.url.origin + this.url.pathname;
    this.secrets = readSecrets(options);
    this.types = new Set(options.events.flatMap(typesOf));
    ({ events: this.events, realms: this.realms, batch: this.batch, leaveGraceMs: this.leaveGraceMs } = options);
  }

  /**
   * Returns the endpoints of the option `webhooks`. The name of a reader stays the same when the order or anything but
   * the URL changes.
   * @throws ConfigError for a file without a secret
   */
  static all(given: readonly Given<EndpointOptions>[]): readonly WebhookEndpoint[] {
    const seen = new Map<string, number>();
    return given.map((each, n) => {
      const options = completed(EndpointOptions, each);
      const count = seen.get(options.url) ?? 0;
      seen.set(options.url, count + 1);
      const name = createHash('sha256').update(`${count} ${options.url}`).digest('base64url').slice(0, 22);
      return new WebhookEndpoint(n, name, options);
    });
  }

  /** Takes the options of an endpoint with the same reader. */
  become(next: WebhookEndpoint): void {
    Object.assign(this, next);
  }

  get wantsSignals(): boolean {
    return this.types.has('signal.relayed');
  }

  /** Whether an event is in one of the endpoint's realms. */
  mayHave({ realm }: ServerEvent): boolean {
    return this.realms.length === 0 || this.realms.includes(realm);
  }

  wants(event: ServerEvent): boolean {
    return this.types.has(event.type) && this.mayHave(event);
  }
}
