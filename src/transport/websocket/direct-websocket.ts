import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { WriteBound } from '../bounds/write-bound.js';
import { type BufferLimits, trackedFrom } from '../bounds/write-shares.js';
import type { Flushable, Flusher } from './flusher.js';
import { type FrameOwner, FrameReader } from './frame-reader.js';
import type { ReadTurns, TurnTaker } from './read-turns.js';
import { readInto } from './shared-read.js';
import type { Frame } from './text-frame.js';

/** Bounds of a DirectWebSocket. */
export interface SocketLimits extends BufferLimits {
  readonly maxFrameBytes: number;
}

/** What the connections of a server share. */
export interface SharedReader {
  readonly flusher: Flusher;
  readonly turns: ReadTurns;
  readonly readBuffer: Buffer;
  readonly limits: SocketLimits;
}

type DataListener = (this: Duplex, chunk: Buffer) => void;

const OWNER = Symbol('DirectWebSocket');
type OwnedSocket = Duplex & { [OWNER]: DirectWebSocket };

/**
 * A WebSocket of ws that reads text messages from the socket and writes frames to it without the streams of ws. ws does
 * the handshake, control frames, fragments, bounds and the end. It receives all other frames that `FrameReader` finds,
 * through its own `data` listener.
 */
export class DirectWebSocket extends WebSocket implements FrameOwner, Flushable, TurnTaker {
  private socket!: Duplex;
  private flusher!: Flusher;
  private turns!: ReadTurns;
  private reader!: FrameReader;
  private readOther!: DataListener;
  private limits!: SocketLimits;
  private writeBound!: WriteBound;
  /** Length of the chunk that waits for its turn. */
  private restingBytes = 0;
  private isResumeDue = false;
  private pending?: Buffer[];
  private pendingBytes = 0;

  /** Takes the socket over from ws, which has just begun to read it. */
  attach(socket: Duplex, { flusher, turns, readBuffer, limits }: SharedReader): void {
    this.socket = socket;
    this.flusher = flusher;
    this.turns = turns;
    this.limits = limits;
    this.writeBound = new WriteBound(limits);
    this.reader = new FrameReader(this, limits.maxFrameBytes);
    [this.readOther] = socket.listeners('data') as [DataListener];
    socket.removeListener('data', this.readOther);
    (socket as OwnedSocket)[OWNER] = this;
    readInto(readBuffer, socket, onRead);
    // Bytes that arrived with the handshake are still events; all bytes are, if the socket cannot read into the buffer.
    socket.on('data', onData);
  }

  /** Receives a text message that ws has not seen. The bytes are not shared. */
  receivedText(bytes: Buffer): void {
    this.emit('message', bytes, false);
  }

  /** Called when more bytes wait for the client than the bound allows. */
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
    // ws may keep them, and the chunk that they are a view of is reused.
    this.readOther.call(this.socket, Buffer.from(bytes));
  }

  /** Bytes of memory that incomplete messages hold; 0 only if there are none. */
  get unfinishedBytes(): number {
    return this.reader.unfinishedBytes + this.restingBytes;
  }

  /**
   * @internal
   * @param chunk the caller may overwrite it afterwards
   */
  read(chunk: Buffer): void {
    this.reader.read(chunk);
  }

  /**
   * @internal Reads a full chunk in a later turn, after other sockets: there is more to come, and libuv would read up
   *   to 32 chunks of one socket in a turn.
   */
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

  /** Writes a frame at the end of this turn. Returns false if it was dropped, because the client is too slow. */
  protected writeFrame(frame: Frame): boolean {
    if (!this.canTakeMore()) return false;
    this.gather(frame);
    return true;
  }

  /** Writes a frame in parts, which are not copied. Returns as `writeFrame` does. */
  protected writeParts(parts: readonly Buffer[]): boolean {
    if (!this.canTakeMore()) return false;
    for (const part of parts) this.gather(part);
    return true;
  }

  private canTakeMore(): boolean {
    this.boundPending();
    const { writableLength } = this.socket;
    if (
      writableLength <= this.limits.maxBufferedBytes ||
      !this.writeBound.isExceeded(writableLength, this.waitingBytes)
    )
      return true;
    this.tooSlow();
    return false;
  }

  /** Flushes early if one turn gathers much. */
  private boundPending(): void {
    if (this.pendingBytes > trackedFrom(this.limits)) this.flush();
  }

  private gather(bytes: Buffer): void {
    if (this.pending) this.pending.push(bytes);
    else {
      this.pending = [bytes];
      this.flusher.add(this);
    }
    this.pendingBytes += bytes.length;
    this.writeBound.add(bytes.length);
  }

  /** Whether a sender may write a signal of this size: it may fill only a share of what waits for the client. */
  admits(sender: string, bytes: number): boolean {
    this.boundPending();
    return this.writeBound.admits(sender, bytes, this.waitingBytes);
  }

  /** Bytes that the client has not read yet. */
  get waitingBytes(): number {
    return this.socket.writableLength + this.pendingBytes;
  }

  /** Writes the frames that this turn has gathered. Returns their size in bytes. */
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

  /** Closes the connection. ws calls it, too. After a fault of the client nothing is read. */
  override close(code?: number, reason?: string | Buffer): void {
    this.flush();
    if (this.isFault(code, reason)) this.reader.stop();
    super.close(code, reason);
  }

  /**
   * Returns whether `close` is called because the client broke the WebSocket protocol or a bound of it.
   * `receiverOnError` of ws then passes a code and no reason. Every other caller passes both or neither.
   */
  protected isFault(code?: number, reason?: string | Buffer): boolean {
    return code !== undefined && reason === undefined;
  }
}

/**
 * The header of a client's frame with a mask of zeros. ws accepts lengths that are not written in the shortest form.
 */
function unmaskedHeader(first: number, length: number): Buffer {
  if (length < 126) return Buffer.from([first, 0x80 | length, 0, 0, 0, 0]);
  const header = Buffer.alloc(14);
  header[0] = first;
  header[1] = 0x80 | 127;
  header.writeUInt32BE(length, 6);
  return header;
}

// Functions of the module instead of closures, which would cost memory for each connection.

function onData(this: Duplex, chunk: Buffer): void {
  (this as OwnedSocket)[OWNER].read(chunk);
}

function onRead(this: Duplex, length: number, buffer: Buffer): void {
  const owner = (this as OwnedSocket)[OWNER];
  if (length === buffer.length) owner.readLater(Buffer.from(buffer));
  else owner.read(buffer.subarray(0, length));
}
