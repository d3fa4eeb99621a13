const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

/** A text up to this size is parsed in a moment, whatever it holds. */
const FREE_BYTES = 65_536;

/** How much a name, an object or an array weighs; any other value weighs 1 or 2. */
const HEAVY = 4;

/** About 14 ms of parsing at worst. */
const MAX_WEIGHT = 220_000;

/**
 * As JSON.parse, but takes no text that would hold the event loop.
 * @throws RangeError for a text of too many values; SyntaxError
 */
export function parseJson(bytes: Buffer): unknown {
  if (isHeavyJson(bytes)) throw new RangeError('too many values');
  return JSON.parse(bytes.toString());
}

/**
 * Whether JSON.parse would take long for a text: because of how many values it holds, not of their size. What stands in
 * strings does not count.
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

/** Where the closing quote stands; the end of the text if there is none. */
function endOfString(bytes: Buffer, start: number): number {
  for (let at = bytes.indexOf(QUOTE, start + 1); at >= 0; at = bytes.indexOf(QUOTE, at + 1)) {
    let before = at - 1;
    while (bytes[before] === BACKSLASH) before--;
    if ((at - before) % 2 === 1) return at;
  }
  return bytes.length;
}
