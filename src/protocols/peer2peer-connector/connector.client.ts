import { Client } from '../../clients/client.js';
import type { RoomChange } from '../../common/room.js';
import type { Signal } from '../../common/signal.js';
import type { Connection } from '../../transport/websocket/connection.js';
import type { ConnectorCodec } from './connector.codec.js';

/** A client that speaks Peer2Peer Connector. The server generates its id, which cannot be taken over. */
export class ConnectorClient extends Client<ConnectorCodec, Connection<ConnectorClient>> {
  protected override write(signal: Signal): void {
    this.connection.write(this.codec.encodeSignal(signal), signal.kind);
  }

  protected override writeChanges(changes: readonly RoomChange[]): number {
    let bytes = 0;
    for (const change of changes) {
      const frame = this.codec.encodeRoomChange(change);
      if (frame) bytes += this.connection.write(frame, 'room');
    }
    return bytes;
  }
}
