import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';

const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const BASE = BigInt(ALPHABET.length);
const LENGTH = 22;

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

  /** Id of a room whose creator names none. */
  room(): string {
    return shortUuid();
  }
}

/** A random UUID written with the 57 letters and digits that people do not mix up: 22 characters. */
export function shortUuid(): string {
  let rest = BigInt(`0x${randomUUID().replaceAll('-', '')}`);
  let id = '';
  for (let i = 0; i < LENGTH; i++) {
    id = ALPHABET[Number(rest % BASE)] + id;
    rest /= BASE;
  }
  return id;
}
