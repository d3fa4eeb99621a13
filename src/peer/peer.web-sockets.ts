import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ServerOptions, WebSocketServer } from 'ws';
import { ConfigError } from '../config/load-config.js';
import { PeerConnection } from './peer.connection.js';
import type { PeerHttpServer, PeerServerOptions } from './peer.types.js';

type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

const HANDSHAKE = Symbol('signalbox:handshake');

/** What becomes of a handshake that the program's server does, at once or later. */
export interface Handshake {
  /** Called when the handshake is complete, before the program sees the connection. */
  opened(connection: PeerConnection): void;
  /** Called when the program's server emits `connection`. */
  accepted(connection: PeerConnection): void;
}

/** The constructor and the method that servers of ws call. The types of ws lack them. */
const WsConnection = PeerConnection as unknown as new (
  address: null,
  protocols: undefined,
  options: ServerOptions,
) => PeerConnection & { setSocket(socket: Duplex, head: Buffer, options: ServerOptions): void };

/** A connection that the program's server creates. Its options are our own, because versions of ws pass different ones. */
class GivenConnection extends WsConnection {
  handshake!: Handshake;

  constructor(private readonly options: ServerOptions) {
    super(null, undefined, options);
  }

  override setSocket(socket: Duplex & { [HANDSHAKE]?: Handshake }, head: Buffer): void {
    super.setSocket(socket, head, this.options);
    this.handshake = socket[HANDSHAKE]!;
    this.handshake.opened(this);
  }
}

/** The WebSocket server that a program creates. It does the handshakes, and its WebSockets are connections of ours. */
export class PeerWebSockets {
  private readonly server: WebSocketServer;
  private readonly listeners: UpgradeListener[];

  /**
   * @param path path of the WebSockets
   * @param onError receives the errors of the program's server
   * @throws ConfigError for a result with which Signalbox cannot serve its clients; and what `create` throws
   */
  constructor(
    create: NonNullable<PeerServerOptions['createWebSocketServer']>,
    path: string,
    private readonly http: PeerHttpServer,
    onError: (error: unknown) => void,
  ) {
    const others = http.listeners('upgrade');
    this.server = create({ path, server: http });
    this.listeners = http.listeners('upgrade').filter((one) => !others.includes(one)) as UpgradeListener[];
    // They get the requests for PeerJS that are admitted, and no others.
    for (const listener of this.listeners) http.off('upgrade', listener);
    const problem = problemOf(this.server, this.listeners.length);
    if (problem) throw new ConfigError([`createWebSocketServer ${problem}`]);
    this.server.on('error', onError);
    this.server.on('connection', (socket) => {
      if (socket instanceof GivenConnection) socket.handshake.accepted(socket);
      else onError(new Error('createWebSocketServer: the server has emitted a WebSocket that it has not created'));
    });
  }

  /** Maximum size of a message in bytes. */
  get maxPayload(): number {
    const { maxPayload = 0 } = this.server.options;
    return maxPayload > 0 ? maxPayload : Infinity;
  }

  /** Creates connections with these options from now on. */
  use(options: ServerOptions): void {
    Object.assign(this.server.options, {
      WebSocket: class extends GivenConnection {
        constructor() {
          super(options);
        }
      },
      // Our connections read and write frames past the extensions of ws.
      perMessageDeflate: false,
      // The path is checked before, and the program may mount a PeerServer at several.
      path: null,
    });
  }

  /**
   * Leaves an upgrade request to the program's server.
   * @throws what listeners and hooks of the program throw
   */
  begin(handshake: Handshake, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    Object.assign(socket, { [HANDSHAKE]: handshake });
    for (const listener of this.listeners) listener.call(this.http, request, socket, head);
  }
}

/** Returns why clients cannot be served with a server, or undefined. */
function problemOf(server: { readonly options?: ServerOptions } | undefined, listeners: number): string | undefined {
  const WebSocket = server?.options?.WebSocket;
  if (typeof WebSocket !== 'function') return 'must return a WebSocketServer of ws 8.5 or a later version 8';
  if (Object.getPrototypeOf(WebSocket) !== EventEmitter) {
    return 'must not set the option WebSocket of its server, because the connections are of a class of Signalbox';
  }
  return listeners === 0 ? 'must let its server listen to the HTTP server that it gets as `server`' : undefined;
}
