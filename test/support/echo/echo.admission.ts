import { Injectable } from '@nestjs/common';
import {
  IdGenerator,
  ProtocolAdmission,
  textFrame,
  WebSocketClient,
  type WebSocketConnection,
} from 'signalbox/protocol';
import { EchoCodec } from './echo.codec.js';

@Injectable()
export class EchoAdmission extends ProtocolAdmission<WebSocketClient, WebSocketConnection> {
  readonly path = '/echo';

  constructor(
    private readonly codec: EchoCodec,
    private readonly ids: IdGenerator,
  ) {
    super();
  }

  protected create(connection: WebSocketConnection): WebSocketClient {
    return new WebSocketClient(this.ids.shortUuid(), 'default', this.codec, connection);
  }

  /** The first frame is the id of the client. */
  protected override greet(client: WebSocketClient): void {
    client.send(textFrame(client.id));
  }
}
