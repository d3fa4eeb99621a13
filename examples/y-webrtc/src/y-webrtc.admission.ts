import { Injectable } from '@nestjs/common';
import { IdGenerator, ProtocolAdmission, WebSocketClient, type WebSocketConnection } from 'signalbox/protocol';
import { YWebrtcCodec } from './y-webrtc.codec.js';
import { REALM } from './y-webrtc.messages.js';

/** Makes every connection a client. Its id is only known to the server: clients of y-webrtc address topics. */
@Injectable()
export class YWebrtcAdmission extends ProtocolAdmission<WebSocketClient, WebSocketConnection> {
  readonly path = '/y-webrtc';

  constructor(
    private readonly codec: YWebrtcCodec,
    private readonly ids: IdGenerator,
  ) {
    super();
  }

  protected create(connection: WebSocketConnection): WebSocketClient {
    return new WebSocketClient(this.ids.shortUuid(), REALM, this.codec, connection);
  }
}
