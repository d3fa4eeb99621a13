import { randomUUID } from 'node:crypto';
import type { Socket as EngineSocket, Transport } from 'engine.io';
import { Decoder, Encoder, PacketType, type Packet } from 'socket.io-parser';
import { JsonFrame, secondElement } from '../../common/json-frame.js';
import { isHeavyJson, parseJson } from '../../common/json-weight.js';
import { RawJson } from '../../common/raw-json.js';
import { EngineWebSocket, type PacketTaker } from './engine-websocket.js';
import { carriedLength, textFrame, textParts } from '../websocket/text-frame.js';
import { notedFrom, WriteShares, type BufferLimits } from '../bounds/write-shares.js';

/** Signaling messages are small: compressing them costs more than it saves. */
const UNCOMPRESSED = { compress: false };

/** The only namespace. */
const ROOT = '/';

/** The version of engine.io's protocol that socket.io 2 speaks. */
const OLD_ENGINE = 3;

/** Packets of engine.io and of socket.io by their first byte. */
const MESSAGE = 0x34;
const EVENT = 0x32;
const ACK = 0x33;
const SLASH = 0x2f;
const ZERO = 0x30;
const NINE = 0x39;

/** Size from which a payload is not copied. */
const LARGE = 16_384;

const encoder = new Encoder();

/** What a client has emitted. */
export interface SocketIoEvent {
  readonly name: string;
  /** Its first argument, whatever that is. */
  readonly body: unknown;
  /** The same as it came, if it is an object and the event has no binary parts. */
  readonly frame?: JsonFrame;
  /** The client's name for the answer that it asks for; undefined if it asks for none. */
  readonly ackId?: string;
}

/** Whose packets a SocketIoWire reads and writes. */
export interface WireOwner {
  /**
   * Called with the size of each packet before it is read; returns whether it is wanted.
   * @param isAwaited whether it is an answer that the server has asked for
   */
  admit(bytes: number, isText: boolean, isAwaited: boolean): boolean;
  /** Counts a packet that goes out. */
  noteOut(bytes: number): void;
  received(event: SocketIoEvent): void;
  /** The client has left, and its connection is still there. */
  left(): void;
  /** The client broke the protocol. */
  violated(): void;
  tooSlow(): void;
}

/**
 * The packets of socket.io (version 5 of its protocol, and 4 of its old clients) on one connection of engine.io: namespace,
 * events, acknowledgements and binary parts, in order. Over a WebSocket, events without binary parts and all that we say
 * without them go past engine.io.
 */
export class SocketIoWire implements PacketTaker {
  private readonly decoder = new Decoder();
  /** Binary parts of an event are still to come. */
  private isIncomplete = false;
  private isJoined = false;
  private events = 0;
  /** Answers that the client has given to them. */
  private answers = 0;
  /** Bytes that engine.io has not handed to the transport yet. */
  private bufferedBytes = 0;
  private writtenBytes = 0;
  /** Who has filled what waits for a client that polls. */
  private shares?: WriteShares;
  private webSocket?: EngineWebSocket;

  constructor(
    private readonly engine: EngineSocket,
    private readonly owner: WireOwner,
    private readonly limits: BufferLimits,
  ) {
    this.decoder.on('decoded', (packet: Packet) => this.decoded(packet));
    engine.on('packet', ({ data }: { data?: string | Buffer }) => {
      const isText = typeof data === 'string';
      owner.admit(sizeOf(data), isText, isText && this.isAwaited(data.charCodeAt(0)));
    });
    engine.on('packetCreate', ({ data }: { data?: string | Buffer }) => this.noteBuffered(sizeOf(data)));
    engine.on('flush', () => (this.bufferedBytes = 0));
    engine.on('data', (data: string | Buffer) => this.read(data));
    engine.on('upgrade', (transport: Transport) => this.use(transport));
    this.use(engine.transport);
    // Old clients are in the namespace without asking.
    if (engine.protocol === OLD_ENGINE) this.join('');
  }

  /** Whether the client may be told something. */
  get isOpen(): boolean {
    return this.isJoined && this.engine.readyState === 'open';
  }

  /** Bytes that the client has not read yet. */
  get waitingBytes(): number {
    return this.bufferedBytes + (this.webSocket?.waitingBytes ?? 0);
  }

  /** Bytes of messages whose end has not come over a WebSocket. */
  get unfinishedBytes(): number {
    return this.webSocket?.unfinishedBytes ?? 0;
  }

  /** Whether the server does not read at the moment. */
  get isPaused(): boolean {
    return this.webSocket?.isPaused ?? false;
  }

  /** Whether something waits for the client's next poll, or would go out at once. */
  get hasMoreToSay(): boolean {
    return this.bufferedBytes > 0 || this.engine.transport.writable;
  }

  /**
   * Emits an event with one argument, and asks for an answer, which nobody waits for.
   * @param name not escaped
   * @param head of the argument's text: what comes before the payload
   * @param attachments binary parts; the text holds their places
   */
  emit(name: string, head: string, payload?: Buffer, tail = '', attachments: readonly Buffer[] = []): void {
    const type = attachments.length > 0 ? `${PacketType.BINARY_EVENT}${attachments.length}-` : PacketType.EVENT;
    this.write(`${type}${this.events++}["${name}",${head}`, payload, `${tail}]`);
    this.attach(attachments);
  }

  /** Answers an event; with text as it is, or with anything that may hold binary parts. */
  acknowledge(ackId: string, answer: object): void {
    if (answer instanceof RawJson) {
      this.write(`${PacketType.ACK}${ackId}[`, answer.bytes, ']');
      return;
    }
    const packet = { type: PacketType.ACK, nsp: ROOT, data: [answer] };
    const [text, ...attachments] = encoder.encode(packet) as [string, ...Buffer[]];
    const at = text.indexOf('[');
    this.write(`${text.slice(0, at)}${ackId}${text.slice(at)}`);
    this.attach(attachments);
  }

  /** Tells the client that the server wants it to go. */
  disconnect(): void {
    this.write(String(PacketType.DISCONNECT));
  }

  /** Stops to read a WebSocket; what is polled goes on. */
  pause(): void {
    this.webSocket?.pause();
  }

  resume(): void {
    if (this.webSocket?.isPaused) this.webSocket.resume();
  }

  /** @internal Takes a packet that engine.io has not seen. */
  take(bytes: Buffer): boolean {
    const isPlain = bytes[0] === MESSAGE && (bytes[1] === EVENT || bytes[1] === ACK) && bytes[2] !== SLASH;
    if (!isPlain || !this.isJoined || this.isIncomplete) return false;
    const isWanted = this.owner.admit(bytes.length - 1, true, this.isAwaited(bytes[1]!));
    // Nobody waits for an answer.
    if (isWanted && bytes[1] === EVENT) this.readEvent(bytes.subarray(1));
    return true;
  }

  /** @internal */
  tooSlow(): void {
    this.owner.tooSlow();
  }

  /** Whether a packet of this type is an answer to an event; each may be answered once. */
  private isAwaited(type: number): boolean {
    if (type !== ACK || this.answers >= this.events) return false;
    this.answers++;
    return true;
  }

  /** Whether a sender may have a signal of so many bytes written: it may fill only a share of what waits for the client. */
  admits(sender: string, bytes: number): boolean {
    if (this.webSocket) return this.webSocket.admits(sender, bytes);
    if (!this.shares && this.bufferedBytes + bytes <= notedFrom(this.limits)) return true;
    this.shares ??= new WriteShares(this.limits);
    return this.shares.admit(sender, bytes, this.writtenBytes, this.bufferedBytes);
  }

  private noteBuffered(bytes: number): void {
    if (this.bufferedBytes > this.limits.maxBufferedBytes && this.isTooSlow()) this.owner.tooSlow();
    this.bufferedBytes += bytes;
    this.writtenBytes += bytes;
    this.owner.noteOut(bytes);
  }

  private isTooSlow(): boolean {
    const excess = this.shares?.excess(this.writtenBytes, this.bufferedBytes) ?? 0;
    return this.bufferedBytes - excess > this.limits.maxBufferedBytes;
  }

  private use(transport: Transport): void {
    // Not public, so that it may not be there: then all goes through engine.io.
    const { socket } = transport as Transport & { readonly socket?: unknown };
    if (!(socket instanceof EngineWebSocket)) return;
    this.webSocket = socket;
    socket.taker = this;
  }

  private read(data: string | Buffer): void {
    const isEvent = typeof data === 'string' && data.charCodeAt(0) === EVENT && data.charCodeAt(1) !== SLASH;
    if (isEvent && this.isJoined && !this.isIncomplete) {
      this.readEvent(Buffer.from(data));
      return;
    }
    if (typeof data === 'string' && isHeavyJson(Buffer.from(data))) {
      this.owner.violated();
      return;
    }
    try {
      this.isIncomplete = true;
      this.decoder.add(data);
    } catch {
      // Whatever it says, it is about what the client has sent.
      this.owner.violated();
    }
  }

  /** Called by the decoder when a packet is complete. */
  private decoded({ type, nsp, data, id }: Packet): void {
    this.isIncomplete = false;
    const namespace = nsp.split('?', 1)[0];
    if (type === PacketType.CONNECT && namespace !== ROOT) this.refuse(nsp);
    else if (type === PacketType.CONNECT && !this.isJoined) this.join(JSON.stringify({ sid: randomUUID() }));
    else if (namespace !== ROOT || !this.isJoined) this.owner.violated();
    else if (type === PacketType.EVENT) this.emitted(data as unknown[], id?.toString());
    else if (type === PacketType.DISCONNECT) this.owner.left();
    else if (type !== PacketType.ACK) this.owner.violated();
  }

  /** @param packet an event without binary parts, in the only namespace */
  private readEvent(packet: Buffer): void {
    let at = 1;
    while (packet[at]! >= ZERO && packet[at]! <= NINE) at++;
    const json = packet.subarray(at);
    const list = parsed(json);
    if (!Array.isArray(list)) {
      this.owner.violated();
      return;
    }
    const body: unknown = list[1];
    const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
    const frame = isObject ? new JsonFrame(json.subarray(secondElement(json)), body) : undefined;
    this.emitted(list, at > 1 ? packet.toString('latin1', 1, at) : undefined, frame);
  }

  private emitted([name, body]: unknown[], ackId: string | undefined, frame?: JsonFrame): void {
    if (typeof name === 'string' || typeof name === 'number') {
      this.owner.received({ name: String(name), body, frame, ackId });
    } else this.owner.violated();
  }

  private join(greeting: string): void {
    this.isJoined = true;
    this.write(`${PacketType.CONNECT}${greeting}`);
  }

  private refuse(nsp: string): void {
    const packet = { type: PacketType.CONNECT_ERROR, nsp, data: { message: 'Invalid namespace' } };
    this.engine.write((encoder.encode(packet) as [string])[0], UNCOMPRESSED);
  }

  private write(head: string, payload?: Buffer, tail = ''): void {
    if (this.webSocket && payload && payload.length >= LARGE) {
      const parts = textParts(`4${head}`, payload, tail);
      const bytes = Buffer.byteLength(head) + payload.length + Buffer.byteLength(tail);
      if (this.webSocket.writeInParts(parts)) this.owner.noteOut(bytes);
    } else if (this.webSocket) {
      const frame = textFrame(`4${head}`, payload, tail);
      if (this.webSocket.write(frame)) this.owner.noteOut(carriedLength(frame) - 1);
    } else {
      this.engine.write(`${head}${payload?.toString() ?? ''}${tail}`, UNCOMPRESSED);
    }
  }

  private attach(attachments: readonly Buffer[]): void {
    for (const attachment of attachments) this.engine.write(attachment, UNCOMPRESSED);
  }
}

/** Undefined if it is not JSON, or too much of it. */
function parsed(json: Buffer): unknown {
  try {
    return parseJson(json);
  } catch {
    return undefined;
  }
}

/** In bytes, whatever it is. */
function sizeOf(data: string | Buffer | undefined): number {
  return data === undefined ? 0 : Buffer.byteLength(data);
}
