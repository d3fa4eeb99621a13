import { Injectable } from '@nestjs/common';
import type { DomainError } from '../../../src/common/domain-error.js';
import { DomainErrorFilter } from '../../../src/transport/endpoint/domain-error.filter.js';
import type { Connection } from '../../../src/transport/websocket/connection.js';
import type { EchoClient } from './echo.client.js';
import { echoFrame } from './echo.messages.js';

@Injectable()
export class EchoExceptionFilter extends DomainErrorFilter<Connection<EchoClient>> {
  protected override answer(connection: Connection<EchoClient>, { code }: DomainError): void {
    connection.write(echoFrame(code));
  }
}
