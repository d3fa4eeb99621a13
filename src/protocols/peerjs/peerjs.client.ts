import type { Connection } from '../../transport/websocket/connection.js';
import { WebSocketClient } from '../websocket.client.js';
import type { PeerJsCodec } from './peerjs.codec.js';

/** A client that speaks PeerJS. It chooses its id, and takes it over again with its token. */
export class PeerJsClient extends WebSocketClient<PeerJsCodec, Connection<PeerJsClient>> {
  /** The client's WebSocket. */
  get socket(): Connection<PeerJsClient> {
    return this.connection;
  }
}
