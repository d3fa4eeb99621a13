import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { DirectServer } from '../websocket/direct-server.js';
import { DirectWebSocket } from '../websocket/direct-websocket.js';
import { binaryFrame, type Frame, textFrame } from '../websocket/text-frame.js';

type Data = Parameters<WebSocket['send']>[0];
type Sent = (error?: Error) => void;

/** engine.io's packet "ping". */
const PING = '2';

/** Takes packets before engine.io sees them. */
export interface PacketTaker {
  /** @internal Takes a text packet. Returns false to leave it to engine.io. */
  take(bytes: Buffer): boolean;
  /** @internal Called when more bytes wait for the client than the bound allows. */
  tooSlow(): void;
}

/**
 * The WebSocket below engine.io. Messages may bypass engine.io in both directions. Packets of both paths go out in the
 * order in which they are written, together with all others of the turn.
 */
export class EngineWebSocket extends DirectWebSocket {
  taker?: PacketTaker;
  /** Whether engine.io has sent a ping. It takes any packet for a sign of life, and must see the next one. */
  private isAsked = false;

  override receivedText(bytes: Buffer): void {
    if (this.isAsked || !this.taker?.take(bytes)) {
      this.isAsked = false;
      super.receivedText(bytes);
    }
  }

  /** Writes a packet past engine.io. Returns false if it was dropped. */
  write(frame: Frame): boolean {
    return this.readyState === WebSocket.OPEN && this.writeFrame(frame);
  }

  /** Writes a packet in parts past engine.io. Returns false if it was dropped. */
  writeInParts(parts: readonly Buffer[]): boolean {
    return this.readyState === WebSocket.OPEN && this.writeParts(parts);
  }

  /** Called by engine.io. It may send the next packet at once, because the waiting bytes are bounded here. */
  override send(data: Data, optionsOrSent?: object | Sent, sent?: Sent): void {
    const done = typeof optionsOrSent === 'function' ? (optionsOrSent as Sent) : sent;
    if (this.readyState !== WebSocket.OPEN) {
      super.send(data, done);
      return;
    }
    if (data === PING) this.isAsked = true;
    this.writeFrame(typeof data === 'string' ? textFrame(data) : binaryFrame(data as Buffer));
    done?.();
  }

  protected override tooSlow(): void {
    if (this.taker) this.taker.tooSlow();
    else super.tooSlow();
  }
}

/** The server of WebSockets below engine.io. */
export class EngineServer extends DirectServer<typeof EngineWebSocket> {
  override handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    callback: (client: EngineWebSocket, request: IncomingMessage) => void,
  ): void {
    super.handleUpgrade(request, socket, head, (client, upgraded) => {
      // engine.io adds its listener after a promise. Packets that arrive with the handshake wait for it.
      client.pause();
      setImmediate(() => client.resume());
      callback(client, upgraded);
    });
  }
}
