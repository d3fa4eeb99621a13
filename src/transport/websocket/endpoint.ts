import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { LoggedClient } from '../../logging/connection-log.js';
import type { Place } from '../bounds/places.js';
import type { EndpointContext } from '../endpoint/endpoint-context.js';
import { type ClientAdmission, type DecodedFrame, EndpointCore } from '../endpoint/endpoint-core.js';
import type { KeptClient } from '../lifecycle/connections.js';
import { Connection } from './connection.js';
import { DirectServer } from './direct-server.js';
import { type Frame, isFrame, jsonFrame } from './text-frame.js';

/** What an endpoint knows of a client. */
export type EndpointClient = LoggedClient & KeptClient;

/** Decides which WebSocket connections become clients of a protocol. */
export interface WebSocketAdmission<C extends EndpointClient> extends ClientAdmission<C> {
  /**
   * Makes a connection a client. Frames of the client wait until it resolves.
   * @throws DomainError to refuse the connection: the filter answers, and the connection is closed
   */
  connect(connection: Connection<C>, request: IncomingMessage): C | Promise<C>;
}

/** The part of a protocol's codec that reads frames. */
export interface FrameDecoder {
  /** @throws DomainError INVALID_MESSAGE */
  decode(bytes: Buffer, isBinary: boolean): DecodedFrame;
}

/** What a protocol over plain WebSocket consists of beside its gateway and filter. */
export interface WebSocketParts<C extends EndpointClient> {
  readonly codec: FrameDecoder;
  readonly admission: WebSocketAdmission<C>;
}

/** The WebSocket server of one protocol. It serves the path of the admission with the gateway's methods and filter. */
export class Endpoint<C extends EndpointClient = EndpointClient> {
  private readonly server: DirectServer<typeof Connection<C>>;

  /**
   * @param WebSocket the class of the connections
   * @throws Error for a gateway whose decorators are missing or contradict each other
   */
  constructor(
    context: EndpointContext,
    gateway: object,
    readonly core: EndpointCore<C, WebSocketParts<C>> = new EndpointCore(context, gateway),
    WebSocket: typeof Connection<C> = Connection<C>,
  ) {
    const { flusher, limits, router } = context;
    this.server = new DirectServer(WebSocket, flusher, limits);
    router.route(this.core.admission.path, {
      upgrade: (request, socket, head, place) => {
        this.upgrade(request, socket, head, place!);
      },
    });
  }

  /** Completes the handshake of an upgrade request, and gives the place back if it fails. */
  protected upgrade(request: IncomingMessage, socket: Socket, head: Buffer, place: Place): void {
    // The end of the handshake and the first frame go out in one packet, once the client is registered.
    socket.cork();
    // The type is widened because TypeScript does not see that the callback sets the variable.
    let isOpen = false as boolean;
    this.server.handleUpgrade(request, socket, head, (connection) => {
      isOpen = true;
      connection.open(this, place);
      this.register(connection, request);
    });
    // ws calls back synchronously, or not at all.
    if (!isOpen) place.giveBack();
  }

  /** @internal Calls the method that a frame is for, and writes the answer. */
  dispatch(connection: Connection<C>, client: C, bytes: Buffer, isBinary: boolean): void | Promise<void> {
    const { core } = this;
    const startedAt = core.startOfSample();
    const { event, body } = this.decode(bytes, isBinary);
    const answer = core.countAndFind(event, bytes.length)(client, body);
    if (answer instanceof Promise) {
      return answer.then((result) => {
        reply(connection, result);
        core.endSample(startedAt);
      });
    }
    reply(connection, answer);
    core.endSample(startedAt);
  }

  private decode(bytes: Buffer, isBinary: boolean): DecodedFrame {
    try {
      return this.core.codec.decode(bytes, isBinary);
    } catch (error) {
      this.core.countUnknown(bytes.length);
      throw error;
    }
  }

  /** Makes an open connection a client. */
  protected register(connection: Connection<C>, request: IncomingMessage): void {
    connection.core.queue.add(async () => {
      const { core } = connection;
      try {
        core.client = core.identity = await this.core.admission.connect(connection, request);
        this.core.connected(core.client);
      } catch (error) {
        this.core.fail(connection, error);
        this.core.refused(connection.address, error);
        connection.end('refused');
        this.core.reportEnd(core);
      } finally {
        connection.flush();
        request.socket.uncork();
      }
    });
    // A registration that waits for a debt must not hold back the handshake, nor a close frame.
    if (connection.core.queue.length > 0) request.socket.uncork();
  }
}

/** @throws TypeError for bytes that are no frame: they would break the client's stream */
function reply(connection: Connection, answer: object | void): void {
  if (answer) connection.write(frameOf(answer));
}

function frameOf(answer: object): Frame {
  if (!Buffer.isBuffer(answer)) return jsonFrame(answer);
  if (isFrame(answer)) return answer;
  throw new TypeError(
    'a handler must return a frame (textFrame, jsonFrame, binaryFrame) or an object, and no other Buffer',
  );
}
