import { isUtf8 } from 'node:buffer';

const EMPTY = Buffer.alloc(0);

/** First bytes of characters of two, three and four bytes (and more than that) are not below these. */
const LEADS_TWO = 0xc0;
const LEADS_THREE = 0xe0;
const LEADS_FOUR = 0xf0;

/** The lowest and the highest byte that may continue a character. */
const LOWEST = 0x80;
const HIGHEST = 0xbf;

/** Checks a text that comes in pieces, whose characters may be split. */
export class Utf8Pieces {
  /** The beginning of a character whose end has not come. */
  private begun: Buffer = EMPTY;

  /** Returns false as soon as no piece to come could make the text valid; from then on the answer means nothing. */
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

/** Where a character begins whose last bytes are missing; the length if there is none. */
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

/** What may follow depends on the first two bytes alone, and has no gaps: if neither end of it fits, nothing does. */
function canBecomeCharacter(begun: Buffer): boolean {
  const [lead] = begun;
  if (lead === undefined) return true;
  return [LOWEST, HIGHEST].some((byte) => {
    const character = Buffer.alloc(charLength(lead), byte);
    begun.copy(character);
    return isUtf8(character);
  });
}
