import type { IncomingMessage } from 'node:http';
import type { LoggedClient } from '../../logging/connection-log.js';
import type { Place } from '../bounds/places.js';
import type { EndpointContext } from '../endpoint/endpoint-context.js';
import {
  type AdmittingGateway,
  type ClientAdmission,
  type DecodedFrame,
  EndpointCore,
} from '../endpoint/endpoint-core.js';
import type { KeptClient } from '../lifecycle/connections.js';
import { Connection } from './connection.js';
import { DirectServer } from './direct-server.js';
import type { Frame } from './text-frame.js';

/** What an endpoint knows of a client. */
export type EndpointClient = LoggedClient & KeptClient;

/**
 * What a protocol's gateway offers beside its `@SubscribeMessage` methods. The endpoint calls those with the client and
 * the validated body. A frame that they return, or resolve to, is the answer.
 */
export interface ProtocolGateway<C extends EndpointClient = EndpointClient> extends AdmittingGateway<C> {
  readonly admission: WebSocketAdmission<C>;
  readonly codec: FrameDecoder;
}

/** Decides which WebSocket connections become clients of a protocol. */
export interface WebSocketAdmission<C extends EndpointClient> extends ClientAdmission<C> {
  /**
   * Makes a connection a client. Frames of the client wait until it resolves.
   * @throws DomainError to refuse the connection: the filter answers, and the connection is closed
   */
  connect(connection: Connection<C>, request: IncomingMessage): C | Promise<C>;
}

/** The part of a protocol's codec that reads frames. */
interface FrameDecoder {
  /** @throws DomainError INVALID_MESSAGE */
  decode(bytes: Buffer, isBinary: boolean): DecodedFrame;
}

/** The WebSocket server of one protocol. Nest passes it to the protocol's gateway (`afterInit`). */
export class Endpoint<C extends EndpointClient = EndpointClient> {
  core!: EndpointCore<C, ProtocolGateway<C>>;

  constructor(
    private readonly protocol: string,
    private readonly context: EndpointContext,
  ) {}

  /** Serves the path of the gateway's admission with the gateway's methods and filter. */
  serve(gateway: ProtocolGateway<C>): void {
    const { flusher, limits, router } = this.context;
    this.core = new EndpointCore(this.protocol, this.context, gateway);
    const server = new DirectServer(Connection<C>, flusher, limits);
    router.route(gateway.admission.path, {
      upgrade: (request, socket, head, place) => {
        // The end of the handshake and the first frame go out in one packet, once the client is registered.
        socket.cork();
        // The type is widened because TypeScript does not see that the callback sets the variable.
        let isOpen = false as boolean;
        server.handleUpgrade(request, socket, head, (connection) => {
          isOpen = true;
          this.accept(connection, request, place!);
        });
        // ws calls back synchronously, or not at all.
        if (!isOpen) place!.giveBack();
      },
    });
  }

  /** @internal Calls the method that a frame is for, and writes the answer. */
  dispatch(connection: Connection<C>, client: C, bytes: Buffer, isBinary: boolean): void | Promise<void> {
    const { core } = this;
    const startedAt = core.startOfSample();
    const { event, body } = this.decode(bytes, isBinary);
    const answer = core.countAndFind(event, bytes.length)(client, body);
    if (answer instanceof Promise) {
      return answer.then((frame) => {
        reply(connection, frame as Frame | void);
        core.endSample(startedAt);
      });
    }
    reply(connection, answer as Frame | void);
    core.endSample(startedAt);
  }

  private decode(bytes: Buffer, isBinary: boolean): DecodedFrame {
    try {
      return this.core.gateway.codec.decode(bytes, isBinary);
    } catch (error) {
      this.core.countUnknown(bytes.length);
      throw error;
    }
  }

  private accept(connection: Connection<C>, request: IncomingMessage, place: Place): void {
    connection.open(this, place);
    connection.core.queue.add(async () => {
      const { core } = connection;
      try {
        core.client = core.identity = await this.core.gateway.admission.connect(connection, request);
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

function reply(connection: Connection, frame: Frame | void): void {
  if (frame) connection.write(frame);
}
