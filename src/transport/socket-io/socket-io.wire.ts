import { randomUUID } from 'node:crypto';
import type { Socket as EngineSocket, Transport } from 'engine.io';
import { Decoder, type Packet, PacketType } from 'socket.io-parser';
import { isHeavyJson } from '../../common/json-weight.js';
import { RawJson } from '../../common/raw-json.js';
import { WriteBound } from '../bounds/write-bound.js';
import type { BufferLimits } from '../bounds/write-shares.js';
import { carriedLength, textFrame, textParts } from '../websocket/text-frame.js';
import { EngineWebSocket, type PacketTaker } from './engine-websocket.js';
import {
  ACK,
  encodeAck,
  encodeInvalidNamespace,
  EVENT,
  eventOf,
  isPlainEvent,
  isPlainMessage,
  parseEvent,
  ROOT,
  sizeOf,
  type SocketIoEvent,
} from './socket-io.packets.js';

/** Signaling messages are small: compressing them costs more than it saves. */
const UNCOMPRESSED = { compress: false };

/** The version of engine.io's protocol that clients of socket.io 2 speak. */
const OLD_ENGINE = 3;
/** Bytes of a payload from which on it is written without a copy. */
const LARGE_PAYLOAD = 16_384;

export interface WireOwner {
  /**
   * Called for each packet before it is read. Returns false for a packet that is dropped.
   * @param bytes size of the packet
   * @param isAwaited whether the packet is an acknowledgement that the server has asked for
   */
  admit(bytes: number, isText: boolean, isAwaited: boolean): boolean;
  /** Counts a packet that goes out. */
  countOut(bytes: number): void;
  received(event: SocketIoEvent): void;
  /** Called once the client can receive events, with what it has sent for its authentication; old clients send nothing. */
  joined(auth?: unknown): void;
  left(): void;
  /** Called when the client breaks the protocol. */
  violated(): void;
  /** Called when more bytes wait for the client than the bound allows. */
  tooSlow(): void;
}

/**
 * Reads and writes the packets of socket.io on one connection of engine.io: namespace, events, acknowledgements and
 * binary parts, in order. It speaks version 5 of the protocol, and version 4 with old clients. Over a WebSocket,
 * packets without binary parts bypass engine.io.
 */
export class SocketIoWire implements PacketTaker {
  private readonly decoder = new Decoder();
  /** Whether binary parts of an event are still to come. */
  private isIncomplete = false;
  private isJoined = false;
  /** Number of events that the server has emitted. Each has its number as id. */
  private events = 0;
  /** Number of acknowledgements that the client has sent. */
  private acknowledged = 0;
  /** Bytes that wait in engine.io's buffer for the client's next poll. */
  private bufferedBytes = 0;
  private readonly pollingBound: WriteBound;
  private webSocket?: EngineWebSocket;

  constructor(
    private readonly engine: EngineSocket,
    private readonly owner: WireOwner,
    limits: BufferLimits,
  ) {
    this.pollingBound = new WriteBound(limits);
    this.decoder.on('decoded', (packet: Packet) => this.decoded(packet));
    engine.on('packet', ({ data }: { data?: string | Buffer }) => {
      const isText = typeof data === 'string';
      owner.admit(sizeOf(data), isText, isText && this.isAwaited(data.charCodeAt(0)));
    });
    engine.on('packetCreate', ({ data }: { data?: string | Buffer }) => this.countBuffered(sizeOf(data)));
    engine.on('flush', () => (this.bufferedBytes = 0));
    engine.on('data', (data: string | Buffer) => this.read(data));
    engine.on('upgrade', (transport: Transport) => this.use(transport));
    this.use(engine.transport);
    // Old clients join the namespace without asking.
    if (engine.protocol === OLD_ENGINE) this.join('');
  }

  /** Whether the client can receive packets. */
  get isOpen(): boolean {
    return this.isJoined && this.engine.readyState === 'open';
  }

  /** Bytes that the client has not read yet. */
  get waitingBytes(): number {
    return this.bufferedBytes + (this.webSocket?.waitingBytes ?? 0);
  }

  /** Bytes of memory that incomplete messages hold over a WebSocket. */
  get unfinishedBytes(): number {
    return this.webSocket?.unfinishedBytes ?? 0;
  }

  get isPaused(): boolean {
    return this.webSocket?.isPaused ?? false;
  }

  /** Whether packets wait for the client's next poll, or one would go out at once. */
  get hasMoreToSay(): boolean {
    return this.bufferedBytes > 0 || this.engine.transport.writable;
  }

  /**
   * Emits an event with one argument, and asks for an acknowledgement.
   * @param name must need no escaping in JSON
   * @param head text of the argument before the payload
   * @param attachments binary parts; the text holds socket.io's placeholders for them
   */
  emit(name: string, head: string, payload?: Buffer, tail = '', attachments: readonly Buffer[] = []): void {
    const type = attachments.length > 0 ? `${PacketType.BINARY_EVENT}${attachments.length}-` : PacketType.EVENT;
    this.write(`${type}${this.events++}["${name}",${head}`, payload, `${tail}]`);
    this.attach(attachments);
  }

  /** Acknowledges an event with `RawJson`, or with an object, which may hold binary parts. */
  acknowledge(ackId: string, answer: object): void {
    if (answer instanceof RawJson) {
      this.write(`${PacketType.ACK}${ackId}[`, answer.bytes, ']');
      return;
    }
    const [text, ...attachments] = encodeAck(ackId, answer);
    this.write(text);
    this.attach(attachments);
  }

  /** Writes DISCONNECT, after which the client library does not reconnect. */
  disconnect(): void {
    this.write(String(PacketType.DISCONNECT));
  }

  /** Stops reading a WebSocket. Polling goes on. */
  pause(): void {
    this.webSocket?.pause();
  }

  resume(): void {
    if (this.webSocket?.isPaused) this.webSocket.resume();
  }

  /** @internal Takes a packet that engine.io has not seen. Returns false to leave it to engine.io. */
  take(bytes: Buffer): boolean {
    if (!this.isJoined || this.isIncomplete || !isPlainMessage(bytes)) return false;
    const isAdmitted = this.owner.admit(bytes.length - 1, true, this.isAwaited(bytes[1]!));
    // Acknowledgements are dropped: nothing waits for them.
    if (isAdmitted && bytes[1] === EVENT) this.receive(parseEvent(bytes.subarray(1)));
    return true;
  }

  /** @internal */
  tooSlow(): void {
    this.owner.tooSlow();
  }

  /** Whether a packet acknowledges an event of the server. A client may acknowledge each event once. */
  private isAwaited(type: number): boolean {
    if (type !== ACK || this.acknowledged >= this.events) return false;
    this.acknowledged++;
    return true;
  }

  /** Whether a sender may write a signal of this size: it may fill only a share of what waits for the client. */
  admits(sender: string, bytes: number): boolean {
    if (this.webSocket) return this.webSocket.admits(sender, bytes);
    return this.pollingBound.admits(sender, bytes, this.bufferedBytes);
  }

  private countBuffered(bytes: number): void {
    if (this.pollingBound.isExceeded(this.bufferedBytes)) this.owner.tooSlow();
    this.bufferedBytes += bytes;
    this.pollingBound.add(bytes);
    this.owner.countOut(bytes);
  }

  private use(transport: Transport): void {
    // Not public. Without it, all packets go through engine.io.
    const { socket } = transport as Transport & { readonly socket?: unknown };
    if (!(socket instanceof EngineWebSocket)) return;
    this.webSocket = socket;
    socket.taker = this;
  }

  private read(data: string | Buffer): void {
    if (typeof data === 'string' && isPlainEvent(data) && this.isJoined && !this.isIncomplete) {
      this.receive(parseEvent(Buffer.from(data)));
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
      // The decoder throws only for what the client has sent.
      this.owner.violated();
    }
  }

  /** Called by the decoder when a packet is complete. */
  private decoded({ type, nsp, data, id }: Packet): void {
    this.isIncomplete = false;
    const namespace = nsp.split('?', 1)[0];
    if (type === PacketType.CONNECT && namespace !== ROOT) this.engine.write(encodeInvalidNamespace(nsp), UNCOMPRESSED);
    else if (type === PacketType.CONNECT && !this.isJoined) this.join(JSON.stringify({ sid: randomUUID() }), data);
    else if (namespace !== ROOT || !this.isJoined) this.owner.violated();
    else if (type === PacketType.EVENT) this.receive(eventOf(data as unknown[], id?.toString()));
    else if (type === PacketType.DISCONNECT) this.owner.left();
    else if (type !== PacketType.ACK) this.owner.violated();
  }

  private receive(event: SocketIoEvent | undefined): void {
    if (event) this.owner.received(event);
    else this.owner.violated();
  }

  private join(greeting: string, auth?: unknown): void {
    this.isJoined = true;
    this.write(`${PacketType.CONNECT}${greeting}`);
    this.owner.joined(auth);
  }

  private write(head: string, payload?: Buffer, tail = ''): void {
    if (this.webSocket && payload && payload.length >= LARGE_PAYLOAD) {
      const parts = textParts(`4${head}`, payload, tail);
      const bytes = Buffer.byteLength(head) + payload.length + Buffer.byteLength(tail);
      if (this.webSocket.writeInParts(parts)) this.owner.countOut(bytes);
    } else if (this.webSocket) {
      const frame = textFrame(`4${head}`, payload, tail);
      if (this.webSocket.write(frame)) this.owner.countOut(carriedLength(frame) - 1);
    } else {
      this.engine.write(`${head}${payload?.toString() ?? ''}${tail}`, UNCOMPRESSED);
    }
  }

  private attach(attachments: readonly Buffer[]): void {
    for (const attachment of attachments) this.engine.write(attachment, UNCOMPRESSED);
  }
}
