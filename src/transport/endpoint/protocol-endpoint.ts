import { Injectable, type ExceptionFilter } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { asDomainError, DomainError } from '../../common/domain-error.js';
import type { EndReason } from '../../common/end-reason.js';
import { LimitOptions } from '../../config/sections/limit.options.js';
import { ConnectionLog, type LoggedClient } from '../../logging/connection-log.js';
import { RefusalLog } from '../../logging/refusal-log.js';
import { Counters, type LatencyHistogram, type ProtocolCounters } from '../../counters/counters.js';
import { Connections } from '../lifecycle/connections.js';
import { Flusher } from '../websocket/flusher.js';
import { messageHandlersOf, type MessageHandler } from './message-handlers.js';
import { Places } from '../bounds/places.js';
import { RequestRouter } from '../http/request-router.js';

/** One frame in so many is timed. */
const SAMPLED = 64;

/** A received message in words of its protocol. */
export interface DecodedFrame {
  /** The name under which a gateway's method subscribes. */
  readonly event: string;
  /** What the method's DTO describes; validated before the method sees it. */
  readonly body: object;
}

/** What every endpoint needs of the container. */
@Injectable()
export class EndpointContext {
  constructor(
    readonly limits: LimitOptions,
    readonly connections: Connections,
    readonly places: Places,
    readonly flusher: Flusher,
    readonly counters: Counters,
    readonly log: ConnectionLog,
    readonly refusals: RefusalLog,
    readonly router: RequestRouter,
    readonly modules: ModuleRef,
  ) {}
}

/** What the endpoints of all protocols share: the gateway's methods, the filter that stands on it, logs and counters. */
export abstract class ProtocolEndpoint {
  readonly limits: LimitOptions;
  readonly connections: Connections;
  readonly places: Places;
  readonly traffic: ProtocolCounters;
  private readonly handling: LatencyHistogram;
  private frames = 0;
  private filter!: ExceptionFilter;
  private handlers!: Map<string, MessageHandler>;

  constructor(
    protected readonly protocol: string,
    protected readonly context: EndpointContext,
  ) {
    this.limits = context.limits;
    this.connections = context.connections;
    this.places = context.places;
    this.traffic = context.counters.ofProtocol(protocol);
    this.handling = context.counters.handling;
  }

  /** Reads the gateway's decorators. */
  protected use(gateway: object): void {
    const { filter, handlers } = messageHandlersOf(gateway);
    this.filter = this.context.modules.get(filter, { strict: false });
    this.handlers = handlers;
  }

  /**
   * The method for an event; counts the frame.
   * @throws DomainError UNKNOWN_EVENT
   */
  protected handlerOf(event: string, bytes: number): MessageHandler {
    const handler = this.handlers.get(event);
    if (!handler) {
      this.countUnknown(bytes);
      throw new DomainError('UNKNOWN_EVENT', { event });
    }
    this.traffic.in.add(event, bytes);
    return handler;
  }

  /** @internal Counts a frame that is for no method. */
  countUnknown(bytes: number): void {
    this.traffic.in.add('unknown', bytes);
  }

  /** Starts to measure how long a frame takes, for one in so many; undefined for others. */
  protected startOfSample(): number | undefined {
    return this.frames++ % SAMPLED === 0 ? performance.now() : undefined;
  }

  protected endSample(startedAt: number | undefined): void {
    if (startedAt !== undefined) this.handling.add((performance.now() - startedAt) * 1000);
  }

  /**
   * @internal Answers whatever was thrown in the words of the protocol.
   * @param message what was being handled, if the protocol's filter needs it to answer
   */
  fail(connection: object, error: unknown, message?: object): void {
    const host = new ExecutionContextHost([connection, message]);
    host.setType('ws');
    this.filter.catch(error, host);
  }

  protected noteConnected(client: LoggedClient): void {
    this.traffic.connects++;
    this.context.log.connected(this.protocol, client);
  }

  /** A connection from this address does not become a client. */
  protected noteRefused(address: string, error: unknown): void {
    this.context.refusals.note(address, { protocol: this.protocol, code: asDomainError(error).code });
  }

  /** @param client absent if the connection never was one's */
  protected noteEnded(reason: EndReason, openedAt: number, client?: LoggedClient): void {
    this.context.counters.endedConnections.add(reason);
    if (!client) return;
    this.context.log.disconnected(this.protocol, client, reason, Math.round(performance.now() - openedAt));
  }
}
