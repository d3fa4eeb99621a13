import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Socket as EngineSocket } from 'engine.io';
import type { Goodbye } from '../../common/end-reason.js';
import type { Place } from '../bounds/places.js';
import type { EndpointContext } from '../endpoint/endpoint-context.js';
import {
  type AdmittingGateway,
  type ClientAdmission,
  type DecodedFrame,
  EndpointCore,
} from '../endpoint/endpoint-core.js';
import { isWithin } from '../http/cors.js';
import type { KeptClient } from '../lifecycle/connections.js';
import { SessionEngine } from './session-engine.js';
import { SocketIoConnection } from './socket-io.connection.js';
import type { SocketIoMessage } from './socket-io.messages.js';

/**
 * What the gateway of a protocol over socket.io offers beside its `@SubscribeMessage` methods. The endpoint calls those
 * with the session and the validated body. An object that they return, or resolve to, is the answer.
 */
export interface SocketIoGateway<S extends KeptClient = KeptClient> extends AdmittingGateway<S> {
  readonly admission: SocketIoAdmission<S>;
  readonly codec: MessageDecoder<S>;
  /** Tells the client that the server is about to end its connection. */
  goodbye(connection: SocketIoConnection<S>, reason: Goodbye): void;
}

/** Opens and closes the sessions of a protocol over socket.io. */
export interface SocketIoAdmission<S extends KeptClient> extends ClientAdmission<S> {
  /** Called when a connection opens. Returns what is kept of it until its end. */
  connect(connection: SocketIoConnection<S>): S;
}

/** The part of a protocol's codec that reads messages. */
interface MessageDecoder<S> {
  /**
   * Returns undefined for a message that is ignored.
   * @throws DomainError
   */
  decode(message: SocketIoMessage, session: S): DecodedFrame | undefined;
}

const PAYLOAD_TOO_LARGE = 413;

/** The socket.io server of one protocol. Nest passes it to the protocol's gateway (`afterInit`). */
export class SocketIoEndpoint<S extends KeptClient = KeptClient> {
  core!: EndpointCore<S, SocketIoGateway<S>>;

  private readonly engine: SessionEngine;
  /** Places of sessions that are about to open, by their requests. */
  private readonly admitted = new WeakMap<object, Place>();
  private readonly connections = new WeakMap<EngineSocket, SocketIoConnection<S>>();

  constructor(
    private readonly protocol: string,
    private readonly context: EndpointContext,
  ) {
    const { limits, connections, flusher } = context;
    const { pingIntervalMs, deadAfterMs } = connections;
    const isAdmitted = (request: IncomingMessage): boolean => this.admitted.has(request);
    this.engine = new SessionEngine({ limits, flusher, pingIntervalMs, deadAfterMs, isAdmitted });
    this.engine.on('connection', (socket: EngineSocket) => this.opened(socket));
  }

  /** Serves the path of the gateway's admission, over polling and WebSocket, with the gateway's methods and filter. */
  serve(gateway: SocketIoGateway<S>): void {
    const { path } = gateway.admission;
    const { router } = this.context;
    this.core = new EndpointCore(this.protocol, this.context, gateway);
    // `import` and scripts with `crossorigin` need the headers for the files of the client library, too.
    router.cors.share(isWithin(path), { credentials: true });
    router.route(path, {
      upgrade: (request, socket, head, place) => {
        router.handOver(socket);
        if (place) this.reserve(request, socket, place);
        this.engine.handleUpgrade(request, socket, head);
      },
      answer: (request, response, place) => {
        if (place) this.reserve(request, response, place);
        this.answer(request, response);
      },
      continues: (request) => this.engine.sessionOf(request) !== undefined,
    });
  }

  /** @internal Calls the method that a message is for, and writes its answer. */
  dispatch(connection: SocketIoConnection<S>, session: S, message: SocketIoMessage): void | Promise<void> {
    const startedAt = this.core.startOfSample();
    const answer = (result: object | void): void => {
      if (result) message.answer(result);
      this.core.endSample(startedAt);
    };
    const fail = (error: unknown): void => {
      this.core.fail(connection, error, message);
      if (connection.clientId === undefined && connection.endReason === undefined) {
        this.core.refused(connection.address, error);
      }
    };
    try {
      const result = this.run(session, message);
      if (result instanceof Promise) return result.then(answer).catch(fail);
      answer(result);
    } catch (error) {
      fail(error);
    }
  }

  private run(session: S, message: SocketIoMessage): object | void | Promise<object | void> {
    const decoded = this.decode(session, message);
    if (decoded) return this.core.countAndFind(decoded.event, message.bytes)(session, decoded.body);
    this.core.countUnknown(message.bytes);
  }

  private decode(session: S, message: SocketIoMessage): DecodedFrame | undefined {
    try {
      return this.core.gateway.codec.decode(message, session);
    } catch (error) {
      this.core.countUnknown(message.bytes);
      throw error;
    }
  }

  /** Keeps a place for the session that a request opens. If the request ends without one, the place is given back. */
  private reserve(request: IncomingMessage, stream: Socket | ServerResponse, place: Place): void {
    this.admitted.set(request, place);
    stream.once('close', () => {
      if (this.admitted.delete(request)) place.giveBack();
    });
  }

  private opened(socket: EngineSocket): void {
    const place = this.admitted.get(socket.request);
    if (!place) {
      socket.close(true);
      return;
    }
    this.admitted.delete(socket.request);
    const connection = new SocketIoConnection<S>(this, socket, place);
    this.connections.set(socket, connection);
    connection.core.client = this.core.gateway.admission.connect(connection);
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const session = this.engine.sessionOf(request);
    const connection = session && this.connections.get(session);
    if (request.method === 'GET') connection?.polls(response);
    else if (request.method === 'POST') connection?.posts(request);
    this.engine.handleRequest(request, response);
    // A client that sends too large a message is disconnected, as over a WebSocket.
    response.once('finish', () => {
      if (response.statusCode === PAYLOAD_TOO_LARGE) session?.close(true);
    });
  }
}
