import { Module } from '@nestjs/common';
import { Protocols } from '../../../src/common/protocols.js';
import { SignalingModule } from '../../../src/signaling/signaling.module.js';
import { TransportModule } from '../../../src/transport/transport.module.js';
import { EchoAdmission } from './echo.admission.js';
import { EchoCodec } from './echo.codec.js';
import { EchoExceptionFilter } from './echo.errors.js';
import { EchoGateway } from './echo.gateway.js';

/** A protocol that answers every text frame with the same text. It shows what a new protocol needs. */
@Module({
  imports: [SignalingModule, TransportModule],
  providers: [EchoGateway, EchoCodec, EchoAdmission, EchoExceptionFilter],
})
export class EchoModule {
  constructor(protocols: Protocols, codec: EchoCodec) {
    protocols.register(codec);
  }
}
