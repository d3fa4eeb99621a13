import { UseFilters } from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage } from '@nestjs/websockets';
import { SignalboxGateway } from '../../../src/transport/signalbox-gateway.js';
import type { Endpoint, ProtocolGateway } from '../../../src/transport/websocket/endpoint.js';
import type { Frame } from '../../../src/transport/websocket/text-frame.js';
import { EchoAdmission } from './echo.admission.js';
import type { EchoClient } from './echo.client.js';
import { EchoCodec } from './echo.codec.js';
import { EchoExceptionFilter } from './echo.errors.js';
import { ECHO, echoFrame, EchoRequest } from './echo.messages.js';

@SignalboxGateway(ECHO)
@UseFilters(EchoExceptionFilter)
export class EchoGateway implements ProtocolGateway<EchoClient> {
  constructor(
    readonly codec: EchoCodec,
    readonly admission: EchoAdmission,
  ) {}

  afterInit(endpoint: Endpoint<EchoClient>): void {
    endpoint.serve(this);
  }

  @SubscribeMessage(ECHO)
  echo(@ConnectedSocket() _client: EchoClient, @MessageBody() { text }: EchoRequest): Frame {
    return echoFrame(text);
  }
}
