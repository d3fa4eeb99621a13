import { Injectable } from '@nestjs/common';
import type { EndReason } from '../../../src/common/end-reason.js';
import { RandomIds } from '../../../src/common/random-ids.js';
import { PresenceService } from '../../../src/signaling/presence.service.js';
import type { Connection } from '../../../src/transport/websocket/connection.js';
import type { WebSocketAdmission } from '../../../src/transport/websocket/endpoint.js';
import { EchoClient } from './echo.client.js';
import { EchoCodec } from './echo.codec.js';
import { echoFrame } from './echo.messages.js';

@Injectable()
export class EchoAdmission implements WebSocketAdmission<EchoClient> {
  readonly path = '/echo';

  constructor(
    private readonly presence: PresenceService,
    private readonly codec: EchoCodec,
    private readonly ids: RandomIds,
  ) {}

  /** The first frame is the id of the client. */
  connect(connection: Connection<EchoClient>): Promise<EchoClient> {
    return this.presence.connectNew(
      () => new EchoClient(this.ids.shortUuid(), 'default', this.codec, connection),
      ({ id }) => void connection.write(echoFrame(id)),
    );
  }

  disconnect(client: EchoClient, reason: EndReason): Promise<void> {
    return this.presence.disconnect(client, reason);
  }
}
