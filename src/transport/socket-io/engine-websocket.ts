import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { DirectServer } from '../websocket/direct-server.js';
import { DirectWebSocket } from '../websocket/direct-websocket.js';
import { binaryFrame, textFrame, type Frame } from '../websocket/text-frame.js';

type Data = Parameters<WebSocket['send']>[0];
type Sent = (error?: Error) => void;

/** A packet of engine.io that asks for a sign of life. */
const PING = '2';

/** Whoever takes packets before engine.io sees them. */
export interface PacketTaker {
  /** Takes a packet of text; returns whether it wanted it. */
  take(bytes: Buffer): boolean;
  /** Called when the client has not read what it was sent, and that is more than the bound. */
  tooSlow(): void;
}

/**
 * The WebSocket below engine.io. What it and engine.io write goes out in the order in which it is written, and with the
 * rest of the turn; messages may go past engine.io, in both directions.
 */
export class EngineWebSocket extends DirectWebSocket {
  taker?: PacketTaker;
  /** engine.io has asked for a sign of life: it gets to see the next packet, whatever that is. */
  private isAsked = false;

  override receivedText(bytes: Buffer): void {
    if (this.isAsked || !this.taker?.take(bytes)) {
      this.isAsked = false;
      super.receivedText(bytes);
    }
  }

  /** Writes a packet past engine.io; returns whether it could be written. */
  write(frame: Frame): boolean {
    return this.readyState === WebSocket.OPEN && this.writeFrame(frame);
  }

  /** The same for a packet in parts. */
  writeInParts(parts: readonly Buffer[]): boolean {
    return this.readyState === WebSocket.OPEN && this.writeParts(parts);
  }

  /** Called by engine.io. What is written counts as sent at once: what waits is bounded here. */
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
      // engine.io listens after a promise: what comes together with the handshake waits for that.
      client.pause();
      setImmediate(() => client.resume());
      callback(client, upgraded);
    });
  }
}
