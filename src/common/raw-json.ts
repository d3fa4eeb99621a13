/**
 * A JSON value that the server carries without reading it, as the UTF-8 bytes in which it was received. The bytes may
 * be a view of a larger buffer. A value that is kept beyond the current call must be a copy made by `detach`.
 */
export class RawJson {
  constructor(readonly bytes: Buffer) {}

  /** @param text well-formed JSON */
  static ofText(text: string): RawJson {
    return new RawJson(Buffer.from(text));
  }

  /** @throws TypeError if the value has no JSON form (a circular object, a BigInt) */
  static of(value: unknown): RawJson {
    return RawJson.ofText(JSON.stringify(value));
  }

  /**
   * Returns a copy with a buffer of its own, which keeps neither the received chunk nor Node's buffer pool in memory.
   */
  detach(): RawJson {
    const own = Buffer.allocUnsafeSlow(this.bytes.length);
    this.bytes.copy(own);
    return new RawJson(own);
  }

  parse(): unknown {
    return JSON.parse(this.toString());
  }

  toString(): string {
    return this.bytes.toString();
  }
}
