import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { RandomIds } from '../common/random-ids.js';

/**
 * Generates the ids that the server gives to clients and rooms. To replace it, provide a class that extends it:
 * `SignalboxModule.forRoot({ extensions: [{ provide: IdGenerator, useClass: MyIdGenerator }] })`.
 */
@Injectable()
export class IdGenerator extends RandomIds {
  /** Id of a Peer2Peer Connector client. */
  connectorClient(): string {
    return this.shortUuid();
  }

  /** Id that a PeerJS client requests over HTTP. */
  peerJsClient(): string {
    return randomUUID();
  }

  /** Id of an EasyRTC client: 16 letters and digits. */
  easyRtcClient(): string {
    return this.shortUuid().slice(-16);
  }
}
