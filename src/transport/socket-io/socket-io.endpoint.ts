import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Server as Engine, type Socket as EngineSocket, type Transport } from 'engine.io';
import type { EndReason, Goodbye } from '../../common/end-reason.js';
import { DomainError } from '../../common/domain-error.js';
import type { LoggedClient } from '../../logging/connection-log.js';
import type { KeptClient } from '../lifecycle/connections.js';
import { isWithin } from '../http/cors.js';
import { EngineServer, EngineWebSocket } from './engine-websocket.js';
import { boundPayloads } from './payload-bound.js';
import type { Place } from '../bounds/places.js';
import { ProtocolEndpoint, type DecodedFrame } from '../endpoint/protocol-endpoint.js';
import { SocketIoConnection, type SocketIoMessage } from './socket-io.connection.js';

/**
 * What the gateway of a protocol over socket.io offers beside its `@SubscribeMessage` methods. Those are called with the
 * session and the validated body; an object that they return, or resolve to, is the answer.
 */
export interface SocketIoGateway<S extends KeptClient = KeptClient> {
  /** Called when a connection is open. Returns what is to be kept of it. */
  handleConnection(connection: SocketIoConnection): S;
  /** Called once, after everything that the client has sent. */
  handleDisconnect(session: S, reason: EndReason): void | Promise<void>;
  /**
   * Returns undefined for a message that is ignored.
   * @throws DomainError
   */
  decode(session: S, message: SocketIoMessage): DecodedFrame | undefined;
  /** Tells the client that its connection is about to be ended by the server. */
  goodbye(connection: SocketIoConnection, reason: Goodbye): void;
}

const TOO_LARGE = 413;

/** engine.io's server, which tells what session a request belongs to. */
class SessionEngine extends Engine {
  protected override createTransport(...args: Parameters<Engine['createTransport']>): Transport {
    const transport = super.createTransport(...args);
    return transport.name === 'polling' ? boundPayloads(transport) : transport;
  }

  /** The session, if there is one; the id is read as engine.io reads it. */
  sessionOf({ url = '' }: IncomingMessage): EngineSocket | undefined {
    const sid = URL.canParse(url, BASE) ? new URL(url, BASE).searchParams.getAll('sid').at(-1) : undefined;
    return sid !== undefined && Object.hasOwn(this.clients, sid) ? this.clients[sid] : undefined;
  }
}

const BASE = 'https://socket.io';

/** One protocol's socket.io server, beside the WebSocket endpoints on the same HTTP server. */
export class SocketIoEndpoint extends ProtocolEndpoint {
  private gateway!: SocketIoGateway;

  /** Starts to serve a path, polling and WebSocket, with the gateway's methods and the filter that stands on it. */
  serve(path: string, gateway: SocketIoGateway): void {
    this.use(gateway);
    this.gateway = gateway;
    const { limits } = this;
    const { flusher } = this.context;
    const { pingIntervalMs, deadAfterMs } = this.connections;
    /** Places for handshakes that are under way, by their requests. */
    const admitted = new WeakMap<object, Place>();
    const connections = new WeakMap<EngineSocket, SocketIoConnection>();
    const reserve = (request: IncomingMessage, stream: Socket | ServerResponse, place: Place): void => {
      admitted.set(request, place);
      // By then the place is a connection's, or no connection comes of it.
      stream.once('close', () => {
        if (admitted.delete(request)) place.giveBack();
      });
    };
    const engine = new SessionEngine({
      allowEIO3: true,
      wsEngine: class extends EngineServer {
        constructor() {
          super(EngineWebSocket, flusher, limits);
        }
      },
      // Whatever engine.io takes for a new connection, the router has to have taken for one, too.
      allowRequest: (request, decide) => decide(undefined, admitted.has(request)),
      maxHttpBufferSize: limits.maxFrameBytes,
      pingInterval: pingIntervalMs,
      pingTimeout: deadAfterMs - pingIntervalMs,
    });
    engine.on('connection', (socket: EngineSocket) => {
      const place = admitted.get(socket.request);
      if (!place) {
        socket.close(true);
        return;
      }
      admitted.delete(socket.request);
      const connection = new SocketIoConnection(this, socket, place);
      connections.set(socket, connection);
      connection.session = gateway.handleConnection(connection);
    });
    // The client library and its files, too: `import` and scripts with `crossorigin` need that.
    this.context.router.cors.share(isWithin(path), { credentials: true });
    this.context.router.route(path, {
      upgrade: (request, socket, head, place) => {
        this.context.router.handOver(socket);
        if (place) reserve(request, socket, place);
        engine.handleUpgrade(request, socket, head);
      },
      answer: (request, response, place) => {
        if (place) reserve(request, response, place);
        const session = engine.sessionOf(request);
        const connection = session && connections.get(session);
        if (request.method === 'GET') connection?.polls(response);
        else if (request.method === 'POST') connection?.posts(request);
        engine.handleRequest(request, response);
        // As over a WebSocket: who sends too much is disconnected.
        response.once('finish', () => {
          if (response.statusCode === TOO_LARGE) session?.close(true);
        });
      },
      continues: (request) => engine.sessionOf(request) !== undefined,
    });
  }

  /** Takes note that a connection has become a client. */
  identified(connection: SocketIoConnection, client: LoggedClient): void {
    connection.identified(client);
    this.noteConnected(client);
  }

  /** @internal Hands a message to its method, and its answer back. */
  dispatch(connection: SocketIoConnection, message: SocketIoMessage): void | Promise<void> {
    const startedAt = this.startOfSample();
    const answer = (result: object | void): void => {
      if (result) message.answer(result);
      this.endSample(startedAt);
    };
    const fail = (error: unknown): void => {
      this.fail(connection, error, message);
      if (!connection.client && connection.endReason === undefined) this.noteRefused(connection.address, error);
    };
    try {
      const result = this.handle(connection, message);
      if (result instanceof Promise) return result.then(answer).catch(fail);
      answer(result);
    } catch (error) {
      fail(error);
    }
  }

  /** @internal */
  goodbye(connection: SocketIoConnection, reason: Goodbye): void {
    this.gateway.goodbye(connection, reason);
  }

  /** @internal Tells the gateway that a connection has ended. */
  ended(connection: SocketIoConnection, session: KeptClient): void | Promise<void> {
    const { endReason = 'connection lost', openedAt, client } = connection;
    this.noteEnded(endReason, openedAt, client);
    return this.connections.track(this.gateway.handleDisconnect(session, endReason));
  }

  /** @internal */
  rateExceeded(connection: SocketIoConnection): void {
    this.fail(connection, new DomainError('RATE_EXCEEDED', { framesPerSecond: this.limits.framesPerSecond }));
    connection.end('rate exceeded');
  }

  private handle(connection: SocketIoConnection, message: SocketIoMessage): object | void | Promise<object | void> {
    const { session } = connection;
    // Messages of a connection that has ended are nobody's.
    if (!session) return undefined;
    const decoded = this.decode(session, message);
    if (decoded) return this.handlerOf(decoded.event, message.bytes)(session, decoded.body);
    this.countUnknown(message.bytes);
  }

  private decode(session: KeptClient, message: SocketIoMessage): DecodedFrame | undefined {
    try {
      return this.gateway.decode(session, message);
    } catch (error) {
      this.countUnknown(message.bytes);
      throw error;
    }
  }
}
