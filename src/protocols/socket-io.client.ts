import { Client } from '../clients/client.js';
import type { ClientConnection } from '../clients/client-connection.js';
import type { Protocol } from '../common/protocols.js';
import type { RoomChange } from '../common/room.js';
import type { Signal } from '../common/signal.js';
import type { SocketIoDecoder } from '../transport/socket-io/socket-io.endpoint.js';
import { type Emission, emission, type SocketIoArgument } from '../transport/socket-io/socket-io.messages.js';

/** A socket.io connection, over polling or a WebSocket, as a protocol sees it. */
export interface SocketIoClientConnection extends ClientConnection {
  /**
   * Emits an event with one argument. It asks for an acknowledgement, which the client may give or not.
   * @param name must need no escaping in JSON
   * @param kind the kind as which metrics count the message
   * @returns number of bytes written
   */
  emit(name: string, argument: SocketIoArgument, kind?: string): number;
}

/** Translates between the messages of a protocol over socket.io and signals or room changes. */
export interface SocketIoCodec extends Protocol, SocketIoDecoder<never> {
  /**
   * Returns the event for a signal that `accepts` has accepted.
   * @param to id of the recipient
   */
  encodeSignal(signal: Signal, to: string): Emission;
  /**
   * Returns the event for a change of a room that the recipient is in, or was; undefined if the protocol has none. A
   * protocol without rooms needs no such method.
   * @param to id of the recipient
   */
  encodeRoomChange?(change: RoomChange, to: string): Emission | undefined;
}

/** A client that speaks a protocol over socket.io. A protocol extends it if its clients have a state of their own. */
export class SocketIoClient<P extends SocketIoCodec = SocketIoCodec> extends Client<P, SocketIoClientConnection> {
  /**
   * Emits an event with one argument.
   * @param value `RawJson`, which is written unchanged, or a value that has a JSON form
   * @returns number of bytes written
   */
  emit(name: string, value: unknown): number {
    return this.writeEmission(emission(name, value));
  }

  protected override write(signal: Signal): void {
    this.writeEmission(this.codec.encodeSignal(signal, this.id), signal.kind);
  }

  protected override writeChanges(changes: readonly RoomChange[]): number {
    let bytes = 0;
    for (const change of changes) {
      const emitted = this.codec.encodeRoomChange?.(change, this.id);
      if (emitted) bytes += this.writeEmission(emitted, 'room');
    }
    return bytes;
  }

  private writeEmission(emitted: Emission, kind?: string): number {
    return this.connection.emit(emitted.name, emitted, kind);
  }
}
