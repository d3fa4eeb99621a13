const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

/** Texts up to this size are parsed quickly, whatever they contain. */
const FREE_BYTES = 65_536;

/** Weight of a name, an object or an array. Any other value weighs 1 or 2. */
const HEAVY = 4;

/** Takes JSON.parse 14 ms at worst. */
const MAX_WEIGHT = 220_000;

/**
 * As JSON.parse, but rejects texts that would block the event loop.
 * @throws RangeError for too many values; SyntaxError for invalid JSON
 */
export function parseJson(bytes: Buffer): unknown {
  if (isHeavyJson(bytes)) throw new RangeError('too many values');
  return JSON.parse(bytes.toString());
}

/**
 * Whether JSON.parse would take long for a text, which depends on the number of its values and not on their size. Text
 * within strings does not count.
 * @param bytes UTF-8, which need not be well-formed JSON
 */
export function isHeavyJson(bytes: Buffer): boolean {
  if (bytes.length <= FREE_BYTES) return false;
  let weight = 0;
  for (let at = 0; at < bytes.length && weight <= MAX_WEIGHT; at++) {
    switch (bytes[at]) {
      case QUOTE:
        weight++;
        at = endOfString(bytes, at);
        break;
      case COMMA:
        weight++;
        break;
      case COLON:
      case OPEN_BRACE:
      case OPEN_BRACKET:
        weight += HEAVY;
        break;
    }
  }
  return weight > MAX_WEIGHT;
}

/** Returns the offset of the closing quote, or the length of the text if there is none. */
function endOfString(bytes: Buffer, start: number): number {
  for (let at = bytes.indexOf(QUOTE, start + 1); at >= 0; at = bytes.indexOf(QUOTE, at + 1)) {
    let before = at - 1;
    while (bytes[before] === BACKSLASH) before--;
    if ((at - before) % 2 === 1) return at;
  }
  return bytes.length;
}
