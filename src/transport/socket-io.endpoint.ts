import { Server as Engine, type Socket as EngineSocket } from 'engine.io';
import { Server, type Socket } from 'socket.io';
import type { EndReason, Goodbye } from '../common/end-reason.js';
import { DomainError } from '../common/domain-error.js';
import { ProtocolEndpoint, type DecodedFrame } from './protocol-endpoint.js';
import { SocketIoConnection, type SocketIoMessage } from './socket-io.connection.js';

/**
 * What the gateway of a protocol over socket.io offers beside its `@SubscribeMessage` methods. Those are called with the
 * session and the validated body; an object that they return, or resolve to, is the answer.
 */
export interface SocketIoGateway<S extends object = object> {
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

/** One protocol's socket.io server, beside the WebSocket endpoints on the same HTTP server. */
export class SocketIoEndpoint extends ProtocolEndpoint {
  private gateway!: SocketIoGateway;

  /** Starts to serve a path, polling and WebSocket, with the gateway's methods and the filter that stands on it. */
  serve(path: string, gateway: SocketIoGateway): void {
    this.use(gateway);
    this.gateway = gateway;
    const { pingIntervalMs } = this.connections;
    const { cors, deadAfterMs, maxFrameBytes, loginTimeoutMs } = this.limits;
    const engine = new Engine({
      allowEIO3: true,
      maxHttpBufferSize: maxFrameBytes,
      pingInterval: pingIntervalMs,
      pingTimeout: deadAfterMs - pingIntervalMs,
      cors: { origin: cors.length === 0 || cors.includes('*') || [...cors], credentials: true },
    });
    const connections = new WeakMap<EngineSocket, SocketIoConnection>();
    engine.on('connection', (socket: EngineSocket) => {
      const connection = new SocketIoConnection(this, socket, this.context.router.addressOf(socket.request));
      connections.set(socket, connection);
      connection.session = gateway.handleConnection(connection);
    });
    const server = new Server({ serveClient: false, connectTimeout: loginTimeoutMs });
    server.bind(engine);
    server.on('connection', (socket: Socket) => connections.get(socket.conn)?.join(socket));
    this.context.router.route(path, {
      upgrade: (request, socket, head) => {
        this.context.router.handOver(socket);
        engine.handleUpgrade(request, socket, head);
      },
      answer: (request, response) => engine.handleRequest(request, response),
      continues: ({ method, url = '' }) => method === 'OPTIONS' || new URLSearchParams(url.split('?')[1]).has('sid'),
    });
  }

  /** Takes note that a connection has become a client. */
  identified(connection: SocketIoConnection, id: string): void {
    connection.clientId = id;
    this.noteConnected(id);
  }

  /** @internal Hands a message to its method, and its answer back. */
  dispatch(connection: SocketIoConnection, message: SocketIoMessage): void | Promise<void> {
    try {
      const result = this.handle(connection, message);
      if (!(result instanceof Promise)) {
        if (result) message.answer(result);
        return;
      }
      return result.then(
        (answer) => {
          if (answer) message.answer(answer);
        },
        (error: unknown) => this.fail(connection, error, message),
      );
    } catch (error) {
      this.fail(connection, error, message);
    }
  }

  /** @internal */
  goodbye(connection: SocketIoConnection, reason: Goodbye): void {
    this.gateway.goodbye(connection, reason);
  }

  /** @internal Tells the gateway that a connection has ended. */
  ended(connection: SocketIoConnection, session: object): void | Promise<void> {
    const { endReason = 'connection lost', openedAt, clientId } = connection;
    this.noteEnded(endReason, openedAt, clientId);
    return this.gateway.handleDisconnect(session, endReason);
  }

  /** @internal */
  rateExceeded(connection: SocketIoConnection): void {
    this.fail(connection, new DomainError('RATE_EXCEEDED', { framesPerSecond: this.limits.framesPerSecond }));
    connection.end('rate exceeded');
  }

  private handle(connection: SocketIoConnection, message: SocketIoMessage): object | void | Promise<object | void> {
    const { session } = connection;
    const decoded = session && this.gateway.decode(session, message);
    if (!decoded) return undefined;
    const handler = this.handlerOf(decoded.event);
    if (!handler) throw new DomainError('UNKNOWN_EVENT', { event: decoded.event });
    return handler(session, decoded.body);
  }
}
