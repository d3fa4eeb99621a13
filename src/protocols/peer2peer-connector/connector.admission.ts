import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { EndReason } from '../../common/end-reason.js';
import type { ConnectAttempt } from '../../common/identity.js';
import { bearerOf } from '../../identity/bearer.js';
import { PresenceService } from '../../signaling/presence.service.js';
import type { Connection } from '../../transport/websocket/connection.js';
import type { WebSocketAdmission } from '../../transport/websocket/endpoint.js';
import { IdGenerator } from '../id-generator.js';
import { idFor, Newcomers } from '../newcomers.js';
import { ConnectorClient } from './connector.client.js';
import { ConnectorCodec } from './connector.codec.js';
import { ConnectorDoors } from './connector.doors.js';
import { clientDetails, CONNECTOR } from './connector.messages.js';

/** Makes connections clients with new ids, or with those that their tokens give them (PROTOCOL.md, "Connection"). */
@Injectable()
export class ConnectorAdmission implements WebSocketAdmission<ConnectorClient> {
  readonly path: readonly string[];

  constructor(
    private readonly presence: PresenceService,
    private readonly codec: ConnectorCodec,
    private readonly ids: IdGenerator,
    private readonly newcomers: Newcomers,
    private readonly doors: ConnectorDoors,
  ) {
    this.path = doors.paths;
  }

  refusal(request: IncomingMessage): number | undefined {
    return this.newcomers.refusal(request, this.doors.realmOf(request));
  }

  vet(request: IncomingMessage, address: string): Promise<boolean> | undefined {
    return this.newcomers.vet(request, address, () => this.attempt(request, address));
  }

  async connect(connection: Connection<ConnectorClient>, request: IncomingMessage): Promise<ConnectorClient> {
    const attempt = this.attempt(request, connection.address);
    const found = this.newcomers.identify(connection, request, attempt);
    const identity = found instanceof Promise ? await found : found;
    return this.presence.connectNew(
      (tries) => {
        const id = idFor(identity, tries, () => this.ids.connectorClient());
        const client = new ConnectorClient(id, attempt.realm, this.codec, connection, undefined, identity);
        client.source = this.newcomers.sourceOf(request);
        return client;
      },
      ({ id }) => void connection.write(clientDetails(id)),
    );
  }

  disconnect(client: ConnectorClient, reason: EndReason): Promise<void> {
    return this.presence.disconnect(client, reason);
  }

  private attempt(request: IncomingMessage, address: string): ConnectAttempt {
    return { protocol: CONNECTOR, realm: this.doors.realmOf(request), token: bearerOf(request), address };
  }
}
