import type { IncomingMessage } from 'node:http';
import { Injectable, type ExceptionFilter } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { WebSocketServer } from 'ws';
import type { EndReason } from '../common/end-reason.js';
import { DomainError } from '../common/domain-error.js';
import { Config } from '../config/config.js';
import { ConnectionLog } from '../logging/connection-log.js';
import { Counters } from '../metrics/counters.js';
import { Connection } from './connection.js';
import { Connections } from './connections.js';
import { messageHandlersOf, type MessageHandler } from './message-handlers.js';
import type { Frame } from './text-frame.js';
import { UpgradeRouter } from './upgrade-router.js';

/** How long an ended connection may take to answer the close frame before it is cut. */
const CLOSE_TIMEOUT_MS = 5000;

/** A received frame in words of its protocol. */
export interface DecodedFrame {
  /** The name under which a gateway's method subscribes. */
  readonly event: string;
  /** What the method's DTO describes; validated before the method sees it. */
  readonly body: object;
}

/**
 * What a protocol's gateway offers beside its `@SubscribeMessage` methods. Those are called with the client and the
 * validated body; a frame that they return, or resolve to, is the answer.
 */
export interface ProtocolGateway<C extends { readonly id: string } = { readonly id: string }> {
  /**
   * Makes a connection a client. Frames that come meanwhile wait.
   * @throws DomainError to refuse it: the filter answers, and the connection is closed
   */
  handleConnection(connection: Connection, request: IncomingMessage): C | Promise<C>;
  /** Called once, after everything that the client has sent. */
  handleDisconnect(client: C, reason: EndReason): void | Promise<void>;
  /** @throws DomainError INVALID_MESSAGE */
  decode(bytes: Buffer, isBinary: boolean): DecodedFrame;
}

/** What every endpoint needs of the container. */
@Injectable()
export class EndpointContext {
  constructor(
    readonly config: Config,
    readonly connections: Connections,
    readonly counters: Counters,
    readonly log: ConnectionLog,
    readonly router: UpgradeRouter,
    readonly modules: ModuleRef,
  ) {}
}

/** One protocol's WebSocket server: what the adapter hands to the protocol's gateway. */
export class Endpoint {
  readonly limits: Config;
  readonly connections: Connections;
  private gateway!: ProtocolGateway;
  private filter!: ExceptionFilter;
  private handlers!: Map<string, MessageHandler>;

  constructor(
    private readonly protocol: string,
    private readonly context: EndpointContext,
  ) {
    this.limits = context.config;
    this.connections = context.connections;
  }

  /** Starts to serve a path with the gateway's methods and the filter that stands on it. */
  serve(path: string, gateway: ProtocolGateway): void {
    const { filter, handlers } = messageHandlersOf(gateway);
    this.gateway = gateway;
    this.filter = this.context.modules.get(filter, { strict: false });
    this.handlers = handlers;
    const options = {
      noServer: true,
      clientTracking: false,
      WebSocket: Connection,
      perMessageDeflate: false,
      maxPayload: this.limits.maxFrameBytes,
      maxFragments: this.limits.maxFragments,
      closeTimeout: CLOSE_TIMEOUT_MS,
      // Pings are bounded by the rate; this one is for a client that pings and does not read.
      maxPendingAutoPongs: 2 * this.limits.frameBurst,
    };
    const server = new WebSocketServer<typeof Connection>(options);
    this.context.router.route(path, (request, socket, head, address) => {
      // The end of the handshake and the first frame go out together, when the client is registered.
      socket.cork();
      server.handleUpgrade(request, socket, head, (connection) => {
        this.accept(connection, request, address);
      });
    });
  }

  /** @internal Hands a frame to its method. */
  dispatch(connection: Connection, bytes: Buffer, isBinary: boolean): void | Promise<void> {
    const { event, body } = this.gateway.decode(bytes, isBinary);
    const handler = this.handlers.get(event);
    if (!handler) throw new DomainError('UNKNOWN_EVENT', { event });
    const answer = handler(connection.client!, body);
    if (answer instanceof Promise) return answer.then((frame) => reply(connection, frame));
    reply(connection, answer);
  }

  /** @internal Tells the gateway that a client has gone. */
  ended(connection: Connection, client: object): void | Promise<void> {
    const reason = connection.endReason ?? 'connection lost';
    const durationMs = Math.round(performance.now() - connection.openedAt);
    this.context.counters.endedConnections.add(reason);
    this.context.log.disconnected(this.protocol, (client as { id: string }).id, reason, durationMs);
    return this.gateway.handleDisconnect(client as { id: string }, reason);
  }

  /** @internal Answers whatever was thrown in the words of the protocol. */
  fail(connection: Connection, error: unknown): void {
    const host = new ExecutionContextHost([connection]);
    host.setType('ws');
    this.filter.catch(error, host);
  }

  /** @internal */
  rateExceeded(connection: Connection): void {
    this.fail(connection, new DomainError('RATE_EXCEEDED', { framesPerSecond: this.limits.framesPerSecond }));
    connection.end('rate exceeded');
  }

  private accept(connection: Connection, request: IncomingMessage, address: string): void {
    connection.open(this, request.socket, address);
    connection.run(async () => {
      try {
        const client = await this.gateway.handleConnection(connection, request);
        connection.client = client;
        this.context.log.connected(this.protocol, client.id);
      } catch (error) {
        this.fail(connection, error);
        connection.end('refused');
        this.context.counters.endedConnections.add(connection.endReason ?? 'refused');
      } finally {
        request.socket.uncork();
      }
    });
  }
}

function reply(connection: Connection, frame: Frame | void): void {
  if (frame) connection.write(frame);
}
