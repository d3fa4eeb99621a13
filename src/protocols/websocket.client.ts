import { Client } from '../clients/client.js';
import type { ClientConnection } from '../clients/client-connection.js';
import type { Protocol } from '../common/protocols.js';
import type { RoomChange } from '../common/room.js';
import type { Signal } from '../common/signal.js';
import type { FrameDecoder } from '../transport/websocket/endpoint.js';
import type { Frame } from '../transport/websocket/text-frame.js';

/** A WebSocket connection, as a protocol sees it. */
export interface WebSocketConnection extends ClientConnection {
  /**
   * Writes a frame. An ending connection drops it. A client that leaves more than `maxBufferedBytes` unread is
   * disconnected.
   * @param kind the kind as which metrics count the frame
   * @returns number of bytes written
   */
  write(frame: Frame, kind?: string): number;
  /** Pings the client, and cuts the connection if no sign of life follows. Returns whether there was one. */
  prove(timeoutMs: number): Promise<boolean>;
}

/** Translates between the frames of a protocol and signals or room changes. */
export interface WebSocketCodec extends Protocol, FrameDecoder {
  /**
   * Returns the frame for a signal that `accepts` has accepted.
   * @param to id of the recipient
   */
  encodeSignal(signal: Signal, to: string): Frame;
  /**
   * Returns the frame for a change of a room that the recipient is in, or was; undefined if the protocol has none. A
   * protocol without rooms needs no such method.
   * @param to id of the recipient
   */
  encodeRoomChange?(change: RoomChange, to: string): Frame | undefined;
}

/** A client that speaks a protocol over plain WebSocket. A protocol extends it if its clients have a state of their own. */
export class WebSocketClient<
  P extends WebSocketCodec = WebSocketCodec,
  C extends WebSocketConnection = WebSocketConnection,
> extends Client<P, C> {
  /**
   * Writes a frame to the client.
   * @param kind the kind as which metrics count the frame
   * @returns number of bytes written
   */
  send(frame: Frame, kind?: string): number {
    return this.connection.write(frame, kind);
  }

  /** Another client may request the id of a client with a token: then the client must give a sign of life. */
  override prove(timeoutMs: number): Promise<boolean> {
    return this.token === undefined ? super.prove(timeoutMs) : this.connection.prove(timeoutMs);
  }

  protected override write(signal: Signal): void {
    this.connection.write(this.codec.encodeSignal(signal, this.id), signal.kind);
  }

  protected override writeChanges(changes: readonly RoomChange[]): number {
    let bytes = 0;
    for (const change of changes) {
      const frame = this.codec.encodeRoomChange?.(change, this.id);
      if (frame) bytes += this.connection.write(frame, 'room');
    }
    return bytes;
  }
}
