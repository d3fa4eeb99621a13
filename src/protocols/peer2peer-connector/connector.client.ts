import type { Connection } from '../../transport/websocket/connection.js';
import type { Page } from '../renewals.js';
import { WebSocketClient } from '../websocket.client.js';
import type { ConnectorCodec } from './connector.codec.js';

/**
 * A client that speaks Peer2Peer Connector. The server generates its id, unless its token gives it one. Only clients of
 * the same user take the id over.
 */
export class ConnectorClient extends WebSocketClient<ConnectorCodec, Connection<ConnectorClient>> {
  /** The page of a client that may renew its token. */
  page?: Page;
}
