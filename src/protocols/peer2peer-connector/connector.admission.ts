import { Injectable } from '@nestjs/common';
import type { EndReason } from '../../common/end-reason.js';
import { ConnectorOptions } from '../../config/sections/connector.options.js';
import { PresenceService } from '../../signaling/presence.service.js';
import type { Connection } from '../../transport/websocket/connection.js';
import type { WebSocketAdmission } from '../../transport/websocket/endpoint.js';
import { IdGenerator } from '../id-generator.js';
import { ConnectorClient } from './connector.client.js';
import { ConnectorCodec } from './connector.codec.js';
import { clientDetails } from './connector.messages.js';

/** Makes every connection a client with a new id (PROTOCOL.md, "Connection"). */
@Injectable()
export class ConnectorAdmission implements WebSocketAdmission<ConnectorClient> {
  readonly path: string;

  constructor(
    private readonly presence: PresenceService,
    private readonly codec: ConnectorCodec,
    private readonly ids: IdGenerator,
    private readonly options: ConnectorOptions,
  ) {
    this.path = options.connectorPath;
  }

  connect(connection: Connection<ConnectorClient>): Promise<ConnectorClient> {
    return this.presence.connectNew(
      () => new ConnectorClient(this.ids.connectorClient(), this.options.connectorRealm, this.codec, connection),
      ({ id }) => void connection.write(clientDetails(id)),
    );
  }

  disconnect(client: ConnectorClient, reason: EndReason): Promise<void> {
    return this.presence.disconnect(client, reason);
  }
}
