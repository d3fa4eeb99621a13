import { EventEmitter } from 'node:events';
import type { PeerJsClient } from '../protocols/peerjs/peerjs.client.js';
import { Connection } from '../transport/websocket/connection.js';
import { textFrame } from '../transport/websocket/text-frame.js';

/** The WebSocket of a client, which listeners of the program may use like one of ws. */
export class PeerConnection extends Connection<PeerJsClient> {
  /** Sends text in the order of the server's own messages, and within the bounds of the connection. */
  override send(data: unknown, ...rest: unknown[]): void {
    if (typeof data === 'string' && rest.length === 0) {
      this.write(textFrame(data));
      return;
    }
    this.flush();
    (super.send as (...args: unknown[]) => void).call(this, data, ...rest);
  }

  override emit(event: string | symbol, ...args: unknown[]): boolean {
    super.emit(event, ...args);
    return this.tell(event, args);
  }

  /** @internal */
  override receivedText(bytes: Buffer): void {
    super.receivedText(bytes);
    this.tell('message', [bytes, false]);
  }

  /** Calls the listeners of the program. */
  private tell(event: string | symbol, args: unknown[]): boolean {
    return this.listenerCount(event) > 0 && EventEmitter.prototype.emit.call(this, event, ...args);
  }
}
