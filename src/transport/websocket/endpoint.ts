import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { LoggedClient } from '../../logging/connection-log.js';
import type { Place } from '../bounds/places.js';
import type { EndpointContext } from '../endpoint/endpoint-context.js';
import { type ClientAdmission, type DecodedFrame, EndpointCore } from '../endpoint/endpoint-core.js';
import type { RequestRouter, Route } from '../http/request-router.js';
import type { KeptClient } from '../lifecycle/connections.js';
import { Connection } from './connection.js';
import { DirectServer } from './direct-server.js';
import { type Frame, isFrame, jsonFrame } from './text-frame.js';

/** What an endpoint knows of a client. */
export type EndpointClient = LoggedClient & KeptClient;

/** Decides which WebSocket connections become clients of a protocol. */
export interface WebSocketAdmission<C extends EndpointClient> extends ClientAdmission<C> {
  /** Returns the HTTP status with which an upgrade is refused; undefined for one that may go on. */
  refusal?(request: IncomingMessage): number | undefined;
  /**
   * Decides whether an upgrade from an IP address may complete its handshake: a refused one gets the status 429.
   * Returns undefined for an upgrade that may.
   */
  vet?(request: IncomingMessage, address: string): Promise<boolean> | undefined;
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

/** A request for a WebSocket, with the place of its connection. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  readonly head: Buffer;
  readonly place: Place;
}

const TOO_MANY_REQUESTS = 429;

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
    const route: Route = {
      refusal: (request) => this.core.admission.refusal?.(request),
      upgrade: (request, socket, head, place) => {
        const upgrade = { request, socket, head, place: place! };
        const vetted = this.core.admission.vet?.(request, upgrade.place.address);
        if (vetted) void this.upgradeVetted(vetted, upgrade, router);
        else this.upgrade(upgrade);
      },
    };
    for (const path of this.core.paths) router.route(path, route);
  }

  /** Completes a handshake once the admission has decided. */
  private async upgradeVetted(vetted: Promise<boolean>, upgrade: Upgrade, router: RequestRouter): Promise<void> {
    const { request, socket, place } = upgrade;
    // The socket may break at any time. Without a listener, its error would end the process.
    const onError = (): void => void socket.destroy();
    socket.on('error', onError);
    const isAdmitted = await vetted;
    socket.off('error', onError);
    if (isAdmitted) {
      this.upgrade(upgrade);
      return;
    }
    place.giveBack();
    router.refuse(request, socket, TOO_MANY_REQUESTS);
  }

  /** Completes the handshake of an upgrade request, and gives the place back if it fails. */
  protected upgrade({ request, socket, head, place }: Upgrade): void {
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
    const frame = this.decode(bytes, isBinary);
    const handler = core.countAndFind(frame.event, bytes.length);
    const answer = startedAt === undefined ? handler(client, frame.body) : core.traced(handler, client, frame);
    if (answer instanceof Promise) {
      return (answer as Promise<object | void>).then((result) => {
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
        core.client = core.identity = await this.core.connect(() => this.core.admission.connect(connection, request));
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
