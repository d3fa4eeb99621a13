import { Option } from '../option.js';
import { Text } from '../rules.js';

/** Options of the Peer2Peer Connector protocol. */
export class ConnectorOptions {
  @Option('Path of the Peer2Peer Connector WebSocket endpoint.', { section: 'Peer2Peer Connector' })
  @Text({ minLength: 1, maxLength: 256, matches: /^\/[^\s?#]*$/, allowed: 'a path that starts with "/"' })
  readonly connectorPath: string = '/';

  @Option('Realm of Peer2Peer Connector clients. Clients see only clients and rooms of their own realm.')
  @Text({ minLength: 1, maxLength: 128 })
  readonly connectorRealm: string = 'default';
}
