import type { ExceptionFilter } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { DomainError } from '../../common/domain-error.js';
import type { EndReason, Goodbye } from '../../common/end-reason.js';
import type { LimitOptions } from '../../config/sections/limit.options.js';
import type { LatencyHistogram, ProtocolCounters } from '../../counters/counters.js';
import type { LoggedClient, LoggedConnection } from '../../logging/connection-log.js';
import { type SpanAttributes, Tracing } from '../../tracing/tracing.js';
import type { Connections } from '../lifecycle/connections.js';
import { gatewayOptionsOf } from '../signalbox-gateway.js';
import type { EndpointContext } from './endpoint-context.js';
import { type MessageHandler, messageHandlersOf } from './message-handlers.js';

/** Only one frame in 64 is timed: reading the clock twice for each of them would cost more than a small frame does. */
const FRAMES_PER_SAMPLE = 64;

/** A received message, decoded by its protocol's codec. */
export interface DecodedFrame {
  /** The name under which a gateway's method subscribes. */
  readonly event: string;
  /** An object of the shape that the method's DTO describes. It is validated before the method runs. */
  readonly body: unknown;
}

/** Decides which connections become clients of a protocol, and removes the clients again. */
export interface ClientAdmission<C> {
  /** Path at which the protocol's clients connect, or several of them. */
  readonly path: string | readonly string[];
  /** Called once, after all messages of the client. */
  disconnect(client: C, reason: EndReason): void | Promise<void>;
}

/** The providers that a protocol consists of beside its gateway and filter. */
export interface ProtocolParts<C> {
  readonly codec: object;
  readonly admission: ClientAdmission<C>;
}

/** A connection that ends, as the endpoint reports it. */
export interface EndingConnection {
  readonly endReason?: EndReason;
  readonly openedAt: number;
  /** Undefined if the connection never became a client. */
  readonly identity?: LoggedClient;
}

/** A connection whose client may send only so many frames. */
interface LimitedConnection extends LoggedConnection {
  readonly core: LoggedConnection['core'] & { readonly queue: { readonly framesPerSecond: number } };
  end(reason: Goodbye): void;
}

/**
 * The part of an endpoint that does not depend on what carries its messages: the gateway's methods, the filter that
 * answers errors, the counters and the log of one protocol.
 */
export class EndpointCore<C, P extends ProtocolParts<C> = ProtocolParts<C>> {
  readonly codec: P['codec'];
  readonly admission: P['admission'];
  readonly limits: LimitOptions;
  readonly connections: Connections;
  readonly traffic: ProtocolCounters;
  private readonly handling: LatencyHistogram;
  private readonly filter: ExceptionFilter;
  private readonly handlers: Map<string, MessageHandler>;
  private readonly protocol: string;
  private readonly tracing: Tracing;
  private frames = 0;

  /** @throws Error for a gateway whose decorators are missing or contradict each other */
  constructor(
    private readonly context: EndpointContext,
    gateway: object,
  ) {
    const { limits, connections, modules, reports } = context;
    const { filter, handlers } = messageHandlersOf(gateway);
    const { protocol, codec, admission } = gatewayOptionsOf(gateway.constructor);
    this.protocol = protocol;
    this.codec = modules.get(codec, { strict: false });
    this.admission = modules.get(admission, { strict: false });
    if (!this.paths.every((path) => path.startsWith('/'))) {
      throw new Error(`${admission.name}.path must begin with a slash`);
    }
    this.tracing = modules.get(Tracing, { strict: false });
    this.limits = limits;
    this.connections = connections;
    this.traffic = reports.counters.ofProtocol(protocol);
    this.handling = reports.counters.handling;
    this.filter = modules.get(filter, { strict: false });
    this.handlers = handlers;
  }

  /** Paths at which the protocol's clients connect. */
  get paths(): readonly string[] {
    return [this.admission.path].flat();
  }

  /**
   * Counts a frame, and returns the method that subscribes to its event.
   * @throws DomainError UNKNOWN_EVENT
   */
  countAndFind(event: string, bytes: number): MessageHandler {
    const handler = this.handlers.get(event);
    if (!handler) {
      this.countUnknown(bytes);
      throw new DomainError('UNKNOWN_EVENT', { event });
    }
    this.traffic.in.add(event, bytes);
    return handler;
  }

  /** Counts a frame that no method subscribes to. */
  countUnknown(bytes: number): void {
    this.traffic.in.add('unknown', bytes);
  }

  /** Traces the work that makes a connection a client, authentication included. */
  connect<R>(work: () => R): R {
    return this.tracing.span('connect', { kind: 'server', attributes: this.attributes() }, work);
  }

  /** Calls the method for a frame of the sample, and traces it. */
  traced(handler: MessageHandler, client: C & object, { event, body }: DecodedFrame): ReturnType<MessageHandler> {
    if (!this.tracing.isOn) return handler(client, body);
    const options = { attributes: this.attributes({ 'signalbox.event': event }) };
    return this.tracing.span('signal', options, () => handler(client, body));
  }

  /** Starts to time a frame if it is one of the sample. */
  startOfSample(): number | undefined {
    return this.frames++ % FRAMES_PER_SAMPLE === 0 ? performance.now() : undefined;
  }

  /** @param startedAt the result of `startOfSample` */
  endSample(startedAt: number | undefined): void {
    if (startedAt !== undefined) this.handling.add((performance.now() - startedAt) * 1000);
  }

  /**
   * Passes an error to the gateway's filter, which answers it in the protocol's own words.
   * @param message the message that has failed, if the filter needs it for its answer
   */
  fail(connection: LoggedConnection, error: unknown, message?: object): void {
    this.context.reports.rejected(this.protocol, connection, error);
    const host = new ExecutionContextHost([connection, message]);
    host.setType('ws');
    try {
      this.filter.catch(error, host);
    } catch (fault) {
      // It would end the process: nothing above a connection catches errors.
      this.context.reports.filterFailed(this.protocol, fault);
    }
  }

  /** Ends a connection that sends more than it may. */
  rateExceeded(connection: LimitedConnection): void {
    const { framesPerSecond } = connection.core.queue;
    this.fail(connection, new DomainError('RATE_EXCEEDED', { framesPerSecond }));
    connection.end('rate exceeded');
  }

  /** Reports that a connection has become a client. */
  connected(client: LoggedClient): void {
    this.context.reports.connected(this.protocol, client);
  }

  /** Reports that a connection from an address does not become a client. */
  refused(address: string, error: unknown): void {
    this.context.reports.refused(this.protocol, address, error);
  }

  /** Reports the end of a connection. */
  reportEnd({ endReason = 'connection lost', openedAt, identity }: EndingConnection): void {
    this.context.reports.ended(this.protocol, endReason, openedAt, identity);
  }

  /** Reports the end of a connection, and tells the gateway that its client has gone. */
  ended(connection: EndingConnection, client: C): void | Promise<void> {
    this.reportEnd(connection);
    return this.connections.track(this.admission.disconnect(client, connection.endReason ?? 'connection lost'));
  }

  private attributes(more: SpanAttributes = {}): SpanAttributes {
    return { 'signalbox.protocol': this.protocol, ...more };
  }
}
