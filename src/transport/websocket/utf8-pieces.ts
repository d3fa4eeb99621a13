import { isUtf8 } from 'node:buffer';

const EMPTY = Buffer.alloc(0);

/** Lowest first bytes of characters of two, three, and four or more bytes. */
const LEADS_TWO = 0xc0;
const LEADS_THREE = 0xe0;
const LEADS_FOUR = 0xf0;

/** The lowest and the highest byte that can continue a character. */
const LOWEST = 0x80;
const HIGHEST = 0xbf;

/** Checks a UTF-8 text that arrives in pieces, which may split characters. */
export class Utf8Pieces {
  /** The first bytes of an incomplete character. */
  private begun: Buffer = EMPTY;

  /** Returns false as soon as no further piece can make the text valid. It must not be called again then. */
  accepts(piece: Buffer): boolean {
    const bytes = this.begun.length > 0 ? Buffer.concat([this.begun, piece]) : piece;
    const end = endOfWhole(bytes);
    this.begun = end < bytes.length ? Buffer.from(bytes.subarray(end)) : EMPTY;
    return isUtf8(bytes.subarray(0, end)) && canBecomeCharacter(this.begun);
  }

  /** Whether the text may end here. */
  get isWhole(): boolean {
    return this.begun.length === 0;
  }
}

/** Returns the start of an incomplete character at the end; the length if there is none. */
function endOfWhole(bytes: Buffer): number {
  const { length } = bytes;
  for (let at = length - 1; at >= 0 && at >= length - 3; at--) {
    const byte = bytes[at]!;
    if (byte >= LEADS_TWO) return at + charLength(byte) > length ? at : length;
  }
  return length;
}

function charLength(lead: number): number {
  if (lead >= LEADS_FOUR) return 4;
  return lead >= LEADS_THREE ? 3 : 2;
}

/**
 * Whether more bytes can complete a character. The bytes that may follow form one range, which depends on the first two
 * bytes: if neither the lowest nor the highest one fits, none does.
 */
function canBecomeCharacter(begun: Buffer): boolean {
  const [lead] = begun;
  if (lead === undefined) return true;
  return [LOWEST, HIGHEST].some((byte) => {
    const character = Buffer.alloc(charLength(lead), byte);
    begun.copy(character);
    return isUtf8(character);
  });
}
