import type { IncomingMessage } from 'node:http';
import { DomainError } from '../../common/domain-error.js';
import type { EndReason } from '../../common/end-reason.js';
import type { LoggedClient } from '../../logging/connection-log.js';
import { Connection } from './connection.js';
import type { KeptClient } from '../lifecycle/connections.js';
import { DirectServer } from './direct-websocket.js';
import type { Place } from '../bounds/places.js';
import { ProtocolEndpoint, type DecodedFrame } from '../endpoint/protocol-endpoint.js';
import type { Frame } from './text-frame.js';

/** What an endpoint knows of a client. */
type EndpointClient = LoggedClient & KeptClient;

/**
 * What a protocol's gateway offers beside its `@SubscribeMessage` methods. Those are called with the client and the
 * validated body; a frame that they return, or resolve to, is the answer.
 */
export interface ProtocolGateway<C extends EndpointClient = EndpointClient> {
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

/** One protocol's WebSocket server: what the adapter hands to the protocol's gateway. */
export class Endpoint extends ProtocolEndpoint {
  private gateway!: ProtocolGateway;

  /** Starts to serve a path with the gateway's methods and the filter that stands on it. */
  serve(path: string, gateway: ProtocolGateway): void {
    this.use(gateway);
    this.gateway = gateway;
    const server = new DirectServer(Connection, this.context.flusher, this.limits);
    this.context.router.route(path, {
      upgrade: (request, socket, head, place) => {
        // The end of the handshake and the first frame go out together, when the client is registered.
        socket.cork();
        let isOpen = false as boolean;
        server.handleUpgrade(request, socket, head, (connection) => {
          isOpen = true;
          this.accept(connection, request, place!);
        });
        // By now the handshake is complete, or has failed.
        if (!isOpen) place!.giveBack();
      },
    });
  }

  /** @internal Hands a frame to its method. */
  dispatch(connection: Connection, bytes: Buffer, isBinary: boolean): void | Promise<void> {
    const startedAt = this.startOfSample();
    const { event, body } = this.decode(bytes, isBinary);
    const answer = this.handlerOf(event, bytes.length)(connection.client!, body);
    if (answer instanceof Promise) {
      return answer.then((frame) => {
        reply(connection, frame as Frame | void);
        this.endSample(startedAt);
      });
    }
    reply(connection, answer as Frame | void);
    this.endSample(startedAt);
  }

  /** @internal Tells the gateway that a client has gone. */
  ended(connection: Connection, client: object): void | Promise<void> {
    const reason = connection.endReason ?? 'connection lost';
    const known = client as EndpointClient;
    this.noteEnded(reason, connection.openedAt, known);
    return this.connections.track(this.gateway.handleDisconnect(known, reason));
  }

  /** @internal */
  rateExceeded(connection: Connection): void {
    this.fail(connection, new DomainError('RATE_EXCEEDED', { framesPerSecond: this.limits.framesPerSecond }));
    connection.end('rate exceeded');
  }

  private decode(bytes: Buffer, isBinary: boolean): DecodedFrame {
    try {
      return this.gateway.decode(bytes, isBinary);
    } catch (error) {
      this.countUnknown(bytes.length);
      throw error;
    }
  }

  private accept(connection: Connection, request: IncomingMessage, place: Place): void {
    connection.open(this, place);
    connection.run(async () => {
      try {
        const client = await this.gateway.handleConnection(connection, request);
        connection.client = client;
        this.noteConnected(client);
      } catch (error) {
        this.fail(connection, error);
        this.noteRefused(connection.address, error);
        connection.end('refused');
        this.noteEnded(connection.endReason ?? 'refused', connection.openedAt);
      } finally {
        connection.flush();
        request.socket.uncork();
      }
    });
  }
}

function reply(connection: Connection, frame: Frame | void): void {
  if (frame) connection.write(frame);
}
