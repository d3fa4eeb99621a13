import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Socket as EngineSocket } from 'engine.io';
import type { Goodbye } from '../../common/end-reason.js';
import type { LoggedClient } from '../../logging/connection-log.js';
import type { Place } from '../bounds/places.js';
import type { EndpointContext } from '../endpoint/endpoint-context.js';
import { type ClientAdmission, type DecodedFrame, EndpointCore } from '../endpoint/endpoint-core.js';
import { isWithin } from '../http/cors.js';
import type { RequestRouter } from '../http/request-router.js';
import type { KeptClient } from '../lifecycle/connections.js';
import { SessionEngine } from './session-engine.js';
import { SocketIoConnection } from './socket-io.connection.js';
import type { SocketIoMessage } from './socket-io.messages.js';

/** Decides which connections become clients of a protocol over socket.io. */
export interface SocketIoAdmission<S extends KeptClient> extends ClientAdmission<S> {
  readonly path: string;
  /**
   * Makes a session of every connection that opens, if clients log in later. The session is kept until the connection's
   * end, and calls `identified` with the client.
   */
  open?(connection: SocketIoConnection<S>): S;
  /**
   * Makes a connection a client when it has joined the namespace, if there is no `open`. Messages of the client wait
   * until it resolves.
   * @param auth what the client has sent for its authentication
   * @throws DomainError to refuse the connection: the filter answers, and the connection is closed
   */
  connect?(
    connection: SocketIoConnection<S>,
    request: IncomingMessage,
    auth: unknown,
  ): (S & LoggedClient) | Promise<S & LoggedClient>;
  /**
   * Tells the client that the server is about to end its connection.
   * @param words the reason in words of an administrator, if the client hears them
   */
  goodbye?(connection: SocketIoConnection<S>, reason: Goodbye, words?: string): void;
}

/** The part of a protocol's codec that reads messages. */
export interface SocketIoDecoder<S> {
  /**
   * Returns undefined for a message that is ignored.
   * @throws DomainError
   */
  decode(message: SocketIoMessage, session: S): DecodedFrame | undefined;
}

/** What a protocol over socket.io consists of beside its gateway and filter. */
interface SocketIoParts<S extends KeptClient> {
  readonly codec: SocketIoDecoder<S>;
  readonly admission: SocketIoAdmission<S>;
}

const PAYLOAD_TOO_LARGE = 413;

/** The socket.io server of one protocol. It serves the path of the admission, over polling and WebSocket. */
export class SocketIoEndpoint<S extends KeptClient = KeptClient> {
  readonly core: EndpointCore<S, SocketIoParts<S>>;

  private readonly engine: SessionEngine;
  /** Places of sessions that are about to open, by their requests. */
  private readonly admitted = new WeakMap<object, Place>();
  private readonly connections = new WeakMap<EngineSocket, SocketIoConnection<S>>();

  /** @throws Error for a gateway whose decorators are missing or contradict each other */
  constructor(context: EndpointContext, gateway: object) {
    const { limits, connections, flusher, router } = context;
    const { pingIntervalMs, deadAfterMs } = connections;
    const isAdmitted = (request: IncomingMessage): boolean => this.admitted.has(request);
    this.engine = new SessionEngine({ limits, flusher, pingIntervalMs, deadAfterMs, isAdmitted });
    this.engine.on('connection', (socket: EngineSocket) => this.opened(socket));
    this.core = new EndpointCore(context, gateway);
    this.route(router);
  }

  private route(router: RequestRouter): void {
    const { path } = this.core.admission;
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
      const result = this.run(connection, session, message, startedAt !== undefined);
      if (result instanceof Promise) return result.then(answer).catch(fail);
      answer(result);
    } catch (error) {
      fail(error);
    }
  }

  private run(
    { clientId }: SocketIoConnection<S>,
    session: S,
    message: SocketIoMessage,
    isSampled: boolean,
  ): object | void | Promise<object | void> {
    const { core } = this;
    const decoded = this.decode(session, message);
    if (!decoded) return core.countUnknown(message.bytes);
    const handler = core.countAndFind(decoded.event, message.bytes);
    // The message that logs a client in.
    if (clientId === undefined) return core.connect(() => handler(session, decoded.body));
    return isSampled ? core.traced(handler, session, decoded) : handler(session, decoded.body);
  }

  private decode(session: S, message: SocketIoMessage): DecodedFrame | undefined {
    try {
      return this.core.codec.decode(message, session);
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
    const { admission } = this.core;
    if (admission.open) connection.core.client = admission.open(connection);
    else connection.run(() => this.register(connection, socket.request));
  }

  /** Makes a connection a client when it has joined the namespace. Its messages wait for that. */
  private async register(connection: SocketIoConnection<S>, request: IncomingMessage): Promise<void> {
    const { core } = this;
    const timer = setTimeout(() => connection.end('login timeout'), core.limits.upgradeTimeoutMs);
    try {
      const auth = await connection.whileOpen(() => connection.receiver.whenJoined());
      clearTimeout(timer);
      const client = await core.connect(() => core.admission.connect!(connection, request, auth));
      connection.core.client = client;
      connection.identified(client);
    } catch (error) {
      clearTimeout(timer);
      if (connection.endReason === undefined) {
        core.fail(connection, error);
        core.refused(connection.address, error);
        connection.end('refused');
      }
      core.reportEnd(connection.core);
    }
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
