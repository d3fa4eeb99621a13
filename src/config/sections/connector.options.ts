import { Option } from '../option.js';
import { Text } from '../rules.js';

/** Options of the Peer2Peer Connector protocol. */
export class ConnectorOptions {
  @Option('Path of the WebSocket endpoint.', { section: 'Peer2Peer Connector' })
  @Text({ minLength: 1, maxLength: 256, matches: /^\/[^\s?#]*$/, allowed: 'a path that starts with "/"' })
  readonly connectorPath: string = '/';

  @Option('Realm of its clients: they meet only clients and rooms of this realm.')
  @Text({ minLength: 1, maxLength: 128 })
  readonly connectorRealm: string = 'default';
}
