import type { Goodbye } from '../../common/end-reason.js';
import type { Connection } from '../../transport/websocket/connection.js';
import { WebSocketClient } from '../websocket.client.js';
import type { ConnectorCodec } from './connector.codec.js';
import { errorFrame } from './connector.messages.js';

/**
 * A client that speaks Peer2Peer Connector. The server generates its id, unless its token gives it one. Only clients of
 * the same user take the id over.
 */
export class ConnectorClient extends WebSocketClient<ConnectorCodec, Connection<ConnectorClient>> {
  override end(reason: Goodbye, words?: string): void {
    if (words !== undefined) this.connection.write(errorFrame('Disconnected', { message: words }));
    super.end(reason, words);
  }
}
