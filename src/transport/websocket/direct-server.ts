import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { BESIDE_TOKEN, TOKEN_PREFIX } from '../../common/subprotocols.js';
import type { DirectWebSocket, SharedReader, SocketLimits } from './direct-websocket.js';
import type { Flusher } from './flusher.js';
import { ReadTurns } from './read-turns.js';

/** How long the client of an ended connection may take to answer the close frame. */
const CLOSE_TIMEOUT_MS = 5000;

/** Maximum number of bytes read from one socket at a time, so that a fast sender does not hold up the others. */
const READ_BYTES = 32_768;

/**
 * Maximum number of pieces of one frame that ws gathers. We pass it whole frames, except one whose header it rejects.
 */
const MAX_CHUNKS = 16;

/** Bounds of a DirectServer's connections. */
type ServerLimits = SocketLimits & { readonly maxFragments: number; readonly frameBurst: number };

/** A server of DirectWebSockets on an HTTP server of its caller. */
export class DirectServer<W extends typeof DirectWebSocket> extends WebSocketServer<W> implements SharedReader {
  readonly turns = new ReadTurns();
  /** All connections read into this buffer, one after the other. */
  readonly readBuffer = Buffer.allocUnsafeSlow(READ_BYTES);

  constructor(
    webSocket: W,
    readonly flusher: Flusher,
    readonly limits: ServerLimits,
  ) {
    super(optionsOf(webSocket, limits));
  }

  override handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    callback: (client: InstanceType<W>, request: IncomingMessage) => void,
  ): void {
    // ws reads them for each new connection, and a reload may have changed them.
    Object.assign(this.options, boundsOf(this.limits));
    super.handleUpgrade(request, socket, head, (client, upgraded) => {
      client.attach(socket, this);
      callback(client, upgraded);
    });
  }
}

function boundsOf({ maxFrameBytes, maxFragments, frameBurst }: ServerLimits) {
  // Pongs for a client that sends pings and does not read. The rate bounds all other pings.
  return { maxPayload: maxFrameBytes, maxFragments, maxPendingAutoPongs: 2 * frameBurst };
}

function optionsOf<W>(webSocket: W, limits: ServerLimits) {
  return {
    noServer: true,
    clientTracking: false,
    WebSocket: webSocket,
    handleProtocols: selectProtocol,
    perMessageDeflate: false,
    maxBufferedChunks: MAX_CHUNKS,
    closeTimeout: CLOSE_TIMEOUT_MS,
    ...boundsOf(limits),
  };
}

/** Selects the first subprotocol that a client offers; beside a token: `signalbox`, if the client offers it. */
export function selectProtocol(offered: ReadonlySet<string>): string | false {
  const names = [...offered].filter((name) => !name.toLowerCase().startsWith(TOKEN_PREFIX));
  const hasToken = names.length < offered.size;
  return hasToken && offered.has(BESIDE_TOKEN) ? BESIDE_TOKEN : (names[0] ?? false);
}
