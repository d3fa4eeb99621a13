import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import type { Flushable, Flusher } from './flusher.js';
import { FrameReader, type FrameOwner } from './frame-reader.js';
import { ReadTurns, type HastySocket } from './read-turns.js';
import { readInto } from './shared-read.js';
import type { Frame } from './text-frame.js';
import { notedFrom, WriteShares, type BufferLimits } from '../bounds/write-shares.js';

/** How long an ended connection may take to answer the close frame before it is cut. */
const CLOSE_TIMEOUT_MS = 5000;

/** Number of bytes that one socket is read in a turn of the event loop, so that a sender in a hurry does not hold up the others. */
const READ_BYTES = 32_768;

/** Pieces of a frame that ws may gather. It gets frames whole, but for one whose header it refuses. */
const MAX_CHUNKS = 16;

/** Bounds of a DirectWebSocket. */
export interface SocketLimits extends BufferLimits {
  readonly maxFrameBytes: number;
}

/** What the connections of a server share. */
interface Shared {
  readonly flusher: Flusher;
  readonly turns: ReadTurns;
  readonly readBuffer: Buffer;
  readonly limits: SocketLimits;
}

type DataListener = (this: Duplex, chunk: Buffer) => void;

const OWNER = Symbol('DirectWebSocket');
type OwnedSocket = Duplex & { [OWNER]: DirectWebSocket };

/**
 * A WebSocket of ws whose messages of text are read from the socket, and whose frames are written to it, without the
 * streams that ws has in between. Handshake, control frames, fragments, bounds and the end are left to ws: it gets to read
 * whatever else `FrameReader` finds, through the listener with which it reads from its socket.
 */
export class DirectWebSocket extends WebSocket implements FrameOwner, Flushable, HastySocket {
  private socket!: Duplex;
  private flusher!: Flusher;
  private turns!: ReadTurns;
  /** Length of the chunk that waits for its turn. */
  private restingBytes = 0;
  private isResumeDue = false;
  private reader!: FrameReader;
  private readOther!: DataListener;
  private limits!: SocketLimits;
  private pending?: Frame[];
  private pendingBytes = 0;
  private writtenBytes = 0;
  /** Who has filled what waits for the client, since it was behind for the first time. */
  private shares?: WriteShares;

  /** Takes the socket that ws has just begun to read. */
  attach(socket: Duplex, { flusher, turns, readBuffer, limits }: Shared): void {
    this.socket = socket;
    this.flusher = flusher;
    this.turns = turns;
    this.limits = limits;
    this.reader = new FrameReader(this, limits.maxFrameBytes);
    [this.readOther] = socket.listeners('data') as [DataListener];
    socket.removeListener('data', this.readOther);
    (socket as OwnedSocket)[OWNER] = this;
    readInto(readBuffer, socket, onRead);
    // What came with the handshake still comes in this way, or everything.
    socket.on('data', onData);
  }

  /** Takes a message of text that ws has not seen, on bytes of its own. */
  receivedText(bytes: Buffer): void {
    this.emit('message', bytes, false);
  }

  /** Called when the client has not read what it was sent, and that is more than the bound. */
  protected tooSlow(): void {
    this.terminate();
  }

  /** @internal */
  receivedFrame(first: number, payload: Buffer): void {
    this.readOther.call(this.socket, unmaskedHeader(first, payload.length));
    if (payload.length > 0) this.readOther.call(this.socket, payload);
  }

  /** @internal */
  receivedOther(bytes: Buffer): void {
    // ws may keep them.
    this.readOther.call(this.socket, Buffer.from(bytes));
  }

  /** Bytes of memory that messages hold whose end has not come; 0 only if there are none. */
  get unfinishedBytes(): number {
    return this.reader.unfinishedBytes + this.restingBytes;
  }

  /** @internal @param chunk may change when this returns */
  read(chunk: Buffer): void {
    this.reader.read(chunk);
  }

  /** @internal Takes a full chunk: there is more, and others come first. libuv reads a socket up to 32 times in a turn. */
  readLater(chunk: Buffer): void {
    this.restingBytes = chunk.length;
    this.socket.pause();
    this.turns.add(this, chunk);
  }

  /** @internal */
  readOn(chunk: Buffer): void {
    this.restingBytes = 0;
    this.read(chunk);
    if (this.isResumeDue) this.resume();
    else if (!this.isPaused) this.socket.resume();
  }

  override pause(): void {
    this.isResumeDue = false;
    super.pause();
  }

  /** Reads on, after the chunk that waits for its turn. */
  override resume(): void {
    this.isResumeDue = this.restingBytes > 0;
    if (!this.isResumeDue) super.resume();
  }

  /** Writes a frame, at the end of this turn; returns false if it cannot be, because the client is too slow. */
  protected writeFrame(frame: Frame): boolean {
    if (!this.canTakeMore()) return false;
    this.gather(frame);
    return true;
  }

  /** As `writeFrame`, for a frame in parts, which are not copied. */
  protected writeParts(parts: readonly Buffer[]): boolean {
    if (!this.canTakeMore()) return false;
    for (const part of parts) this.gather(part);
    return true;
  }

  private canTakeMore(): boolean {
    this.boundPending();
    if (this.socket.writableLength <= this.limits.maxBufferedBytes || !this.isTooSlow()) return true;
    this.tooSlow();
    return false;
  }

  /** What one turn gathers is bounded, too. */
  private boundPending(): void {
    if (this.pendingBytes > notedFrom(this.limits)) this.flush();
  }

  private gather(bytes: Buffer): void {
    if (this.pending) this.pending.push(bytes);
    else {
      this.pending = [bytes];
      this.flusher.add(this);
    }
    this.pendingBytes += bytes.length;
    this.writtenBytes += bytes.length;
  }

  /** Whether a sender may have a signal of so many bytes written: it may fill only a share of what waits for the client. */
  admits(sender: string, bytes: number): boolean {
    this.boundPending();
    const { waitingBytes } = this;
    if (!this.shares && waitingBytes + bytes <= notedFrom(this.limits)) return true;
    this.shares ??= new WriteShares(this.limits);
    return this.shares.admit(sender, bytes, this.writtenBytes, waitingBytes);
  }

  private isTooSlow(): boolean {
    const excess = this.shares?.excess(this.writtenBytes, this.waitingBytes) ?? 0;
    return this.socket.writableLength - excess > this.limits.maxBufferedBytes;
  }

  /** Bytes that the client has not read yet. */
  get waitingBytes(): number {
    return this.socket.writableLength + this.pendingBytes;
  }

  /** Writes what this turn has gathered; returns how many bytes that were. */
  flush(): number {
    const { pending, pendingBytes, socket } = this;
    this.pending = undefined;
    this.pendingBytes = 0;
    if (!pending || !socket.writable) return 0;
    if (pending.length > 1) socket.cork();
    for (const frame of pending) socket.write(frame);
    if (pending.length > 1) socket.uncork();
    return pendingBytes;
  }

  /** Called by ws, too: with a code alone when the peer broke the WebSocket protocol or a bound of it. */
  override close(code?: number, reason?: string | Buffer): void {
    this.flush();
    if (code !== undefined && reason === undefined) this.reader.stop();
    super.close(code, reason);
  }
}

/** Bounds of a DirectServer's connections. */
type ServerLimits = SocketLimits & { readonly maxFragments: number; readonly frameBurst: number };

/** A server of DirectWebSockets below somebody's HTTP server. */
export class DirectServer<W extends typeof DirectWebSocket> extends WebSocketServer<W> implements Shared {
  readonly turns = new ReadTurns();
  /** What the connections read lies here, one after the other. */
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
    super.handleUpgrade(request, socket, head, (client, upgraded) => {
      client.attach(socket, this);
      callback(client, upgraded);
    });
  }
}

function optionsOf<W>(webSocket: W, { maxFrameBytes, maxFragments, frameBurst }: ServerLimits) {
  return {
    noServer: true,
    clientTracking: false,
    WebSocket: webSocket,
    perMessageDeflate: false,
    maxPayload: maxFrameBytes,
    maxFragments,
    maxBufferedChunks: MAX_CHUNKS,
    closeTimeout: CLOSE_TIMEOUT_MS,
    // Pings are bounded by the rate; this one is for a client that pings and does not read.
    maxPendingAutoPongs: 2 * frameBurst,
  };
}

/** The header of a client's frame whose mask changes nothing. ws does not mind how long a length is written. */
function unmaskedHeader(first: number, length: number): Buffer {
  if (length < 126) return Buffer.from([first, 0x80 | length, 0, 0, 0, 0]);
  const header = Buffer.alloc(14);
  header[0] = first;
  header[1] = 0x80 | 127;
  header.writeUInt32BE(length, 6);
  return header;
}

// One function for all: closures would cost memory for each connection.

function onData(this: Duplex, chunk: Buffer): void {
  (this as OwnedSocket)[OWNER].read(chunk);
}

function onRead(this: Duplex, length: number, buffer: Buffer): void {
  const owner = (this as OwnedSocket)[OWNER];
  if (length === buffer.length) owner.readLater(Buffer.from(buffer));
  else owner.read(buffer.subarray(0, length));
}
