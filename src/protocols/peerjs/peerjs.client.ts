import type { Goodbye } from '../../common/end-reason.js';
import type { Connection } from '../../transport/websocket/connection.js';
import { WebSocketClient } from '../websocket.client.js';
import type { PeerJsCodec } from './peerjs.codec.js';
import { errorFrame } from './peerjs.messages.js';

/** A client that speaks PeerJS. It chooses its id, and takes it over again with its token. */
export class PeerJsClient extends WebSocketClient<PeerJsCodec, Connection<PeerJsClient>> {
  /** The client's WebSocket. */
  get socket(): Connection<PeerJsClient> {
    return this.connection;
  }

  /** The client library reports an `ERROR` to its program, and no close reason. */
  override end(reason: Goodbye, words?: string): void {
    if (words !== undefined) this.connection.write(errorFrame(words));
    super.end(reason, words);
  }
}
