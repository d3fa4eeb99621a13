import { randomFillSync, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';

/** The 57 letters and digits that people do not mix up. */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
/** With a first digit below this one, 22 digits make 128 bits: they can be read back as a UUID. */
const FIRST_BASE = 45;
const LENGTH = 22;
/** So many random bytes are made at once. */
const POOL_BYTES = 4096;

/**
 * Makes the ids that the server gives out. To replace it, provide a class that extends it under this one's token:
 * `SignalboxModule.forRoot(config, [{ provide: IdGenerator, useClass: MyIdGenerator }])`.
 */
@Injectable()
export class IdGenerator {
  private readonly pool = Buffer.allocUnsafeSlow(POOL_BYTES);
  private used = POOL_BYTES;

  /** Id of a Peer2Peer Connector client. */
  connectorClient(): string {
    return this.shortUuid();
  }

  /** Id that a PeerJS client asks for. */
  peerJsClient(): string {
    return randomUUID();
  }

  /** Id of an EasyRTC client: letters and digits. */
  easyRtcClient(): string {
    return this.shortUuid().slice(-16);
  }

  /** Id of a room whose creator names none. */
  room(): string {
    return this.shortUuid();
  }

  /** A shortuuid: 128 random bits as 22 digits of base 57. */
  private shortUuid(): string {
    let id = this.digit(FIRST_BASE);
    while (id.length < LENGTH) id += this.digit(ALPHABET.length);
    return id;
  }

  private digit(base: number): string {
    for (;;) {
      if (this.used === POOL_BYTES) {
        randomFillSync(this.pool);
        this.used = 0;
      }
      const byte = this.pool[this.used++]!;
      // Bytes beyond the last multiple would make some digits likelier than others.
      if (byte < 256 - (256 % base)) return ALPHABET[byte % base]!;
    }
  }
}
