import { EVENT_PATTERNS, type EventPattern } from '../../common/event-types.js';
import { HttpUrl, OneOrMoreFiles, OneOrMoreOf, OneOrMoreTexts } from '../member-rules.js';
import { type Given, ListOf } from '../members.js';
import { Option } from '../option.js';
import { Flag, Integer } from '../rules.js';
import { DAY_MS } from '../units.js';
import { NamedUrls } from '../webhook-checks.js';
import { SECRETS } from './auth.options.js';

/** An HTTP endpoint that receives events. */
export class EndpointOptions {
  @HttpUrl()
  readonly url: string = '';

  /** Each secret signs the requests. */
  @OneOrMoreTexts(SECRETS)
  readonly secret: readonly string[] = [];

  @OneOrMoreFiles()
  readonly secretFile: readonly string[] = [];

  /** The events that are delivered: types, or `room.*` and the like; `*` stands for all but `signal.relayed`. */
  @OneOrMoreOf(...EVENT_PATTERNS)
  readonly events: readonly EventPattern[] = ['*'];

  /** The realms whose events are delivered; empty: those of all realms, and of the nodes. */
  @OneOrMoreTexts({ maxItems: 1000, maxLength: 128 })
  readonly realms: readonly string[] = [];

  /** Maximum number of events in one request. With more than one, requests have lists of events. */
  @Integer(1, 1000)
  readonly batch: number = 1;

  /**
   * Time for which `client.disconnected` is held back, in milliseconds. If the user or the id connects meanwhile,
   * neither this event nor the `client.connected` is delivered.
   */
  @Integer(0, DAY_MS)
  readonly leaveGraceMs: number = 0;
}

/** Endpoints that receive events. */
export class WebhooksOptions {
  @Option(
    'HTTP endpoints that receive events, each with url, secret or secretFile, events, realms, batch and leaveGraceMs. See docs/webhooks.md.',
    { section: 'Webhooks', secret: ['secret', 'url'], reloadable: true },
  )
  @NamedUrls()
  @ListOf(EndpointOptions, { maxItems: 100 })
  readonly webhooks: readonly Given<EndpointOptions>[] = [];

  @Option(
    'Whether webhooks may have loopback, private and link-local addresses. With false, an endpoint whose host has such an address gets no events.',
  )
  @Flag()
  readonly webhookAllowPrivate: boolean = true;
}
