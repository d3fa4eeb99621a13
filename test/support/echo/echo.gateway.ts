import { UseFilters } from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage } from '@nestjs/websockets';
import {
  type DomainError,
  DomainErrorFilter,
  type Frame,
  SignalboxGateway,
  textFrame,
  type WebSocketClient,
  type WebSocketConnection,
} from 'signalbox/protocol';
import { EchoAdmission } from './echo.admission.js';
import { EchoCodec } from './echo.codec.js';
import { ECHO, EchoRequest } from './echo.messages.js';

export class EchoExceptionFilter extends DomainErrorFilter<WebSocketConnection> {
  protected override answer(connection: WebSocketConnection, { code }: DomainError): void {
    connection.write(textFrame(code));
  }
}

/** A protocol that answers every text frame with the same text. It shows what a new protocol needs. */
@SignalboxGateway({ protocol: ECHO, codec: EchoCodec, admission: EchoAdmission })
@UseFilters(EchoExceptionFilter)
export class EchoGateway {
  @SubscribeMessage(ECHO)
  echo(@ConnectedSocket() _client: WebSocketClient, @MessageBody() { text }: EchoRequest): Frame {
    return textFrame(text);
  }
}
