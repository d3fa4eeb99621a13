/**
 * A JSON value that the server carries and never looks into, as the UTF-8 bytes in which it came.
 * The bytes may be a view of a larger buffer: whoever keeps the value beyond the current call keeps a `detach`ed one.
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

  /** The same value on bytes of its own, so that keeping it keeps neither the chunk in which it was received nor a pool. */
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
