import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';

const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const BASE = ALPHABET.length;
const LENGTH = 22;
/** As many digits at once as a safe integer holds. */
const CHUNK = 9;
const CHUNK_BASE = BigInt(BASE ** CHUNK);

/**
 * Makes the ids that the server gives out. To replace it, provide a class that extends it under this one's token:
 * `SignalboxModule.forRoot(config, [{ provide: IdGenerator, useClass: MyIdGenerator }])`.
 */
@Injectable()
export class IdGenerator {
  /** Id of a Peer2Peer Connector client. */
  connectorClient(): string {
    return shortUuid();
  }

  /** Id that a PeerJS client asks for. */
  peerJsClient(): string {
    return randomUUID();
  }

  /** Id of an EasyRTC client: letters and digits. */
  easyRtcClient(): string {
    return shortUuid().slice(-16);
  }

  /** Id of a room whose creator names none. */
  room(): string {
    return shortUuid();
  }
}

/** A random UUID written with the 57 letters and digits that people do not mix up: 22 characters. */
export function shortUuid(): string {
  let rest = BigInt(`0x${randomUUID().replaceAll('-', '')}`);
  let id = '';
  while (id.length < LENGTH) {
    let chunk = Number(rest % CHUNK_BASE);
    rest /= CHUNK_BASE;
    for (let i = 0; i < CHUNK && id.length < LENGTH; i++) {
      id = ALPHABET[chunk % BASE] + id;
      chunk = Math.floor(chunk / BASE);
    }
  }
  return id;
}
