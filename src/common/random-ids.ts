import { randomFillSync } from 'node:crypto';
import { Injectable } from '@nestjs/common';

/** 57 letters and digits, without those that people mistake for one another. */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
/** With a first digit below this one, 22 digits are a number of 128 bits, which can be read back as a UUID. */
const FIRST_BASE = 45;
const LENGTH = 22;
/** Number of random bytes generated at once. */
const POOL_BYTES = 4096;

/** Generates random ids. */
@Injectable()
export class RandomIds {
  private readonly pool = Buffer.allocUnsafeSlow(POOL_BYTES);
  private used = POOL_BYTES;

  /** Id of a room that is created without one. */
  room(): string {
    return this.shortUuid();
  }

  /** A shortuuid: 128 random bits as 22 digits of base 57. */
  shortUuid(): string {
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
      // Bytes from the last multiple of the base on would make some digits likelier than others.
      if (byte < 256 - (256 % base)) return ALPHABET[byte % base]!;
    }
  }
}
