import { parseJson } from './json-weight.js';
import { RawJson } from './raw-json.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const SPACE = 0x20;

/**
 * A JSON object received from a socket: parsed once, with access to the exact text of its members.
 *
 * The text is scanned only after JSON.parse has accepted it. If members have the same name, the last one counts, as in
 * JSON.parse, so that the validated value and the forwarded text are the same.
 */
export class JsonFrame {
  readonly value: Readonly<Record<string, unknown>>;

  /**
   * @param bytes valid UTF-8; more bytes may follow the object if `value` is given
   * @param value the object as JSON.parse has returned it
   * @throws SyntaxError for invalid JSON; TypeError for a value that is no object; RangeError for too many values
   */
  constructor(
    private readonly bytes: Buffer,
    value: unknown = parseJson(bytes),
  ) {
    if (!isJsonObject(value)) throw new TypeError('not a JSON object');
    this.value = value;
  }

  /** Returns the string in a member; an empty one if there is no such member, or its value is no string. */
  text(name: string): string {
    const value = Object.hasOwn(this.value, name) ? this.value[name] : undefined;
    return typeof value === 'string' ? value : '';
  }

  /** Returns the JSON text of a member's value; undefined if there is no such member. */
  raw(name: string): RawJson | undefined {
    let found: RawJson | undefined;
    this.scan((key, start, end) => {
      if (key === name) found = new RawJson(this.bytes.subarray(start, end));
    });
    return found;
  }

  /** As `raw`, for a member of a member, at any depth. */
  rawAt(name: string, ...names: readonly string[]): RawJson | undefined {
    const raw = this.raw(name);
    const [next, ...rest] = names;
    if (next === undefined || !raw) return raw;
    const value = this.value[name];
    return isJsonObject(value) ? new JsonFrame(raw.bytes, value).rawAt(next, ...rest) : undefined;
  }

  /** Returns the texts of all members by name. */
  members(): Map<string, RawJson> {
    const members = new Map<string, RawJson>();
    this.scan((key, start, end) => members.set(key, new RawJson(this.bytes.subarray(start, end))));
    return members;
  }

  private scan(visit: (key: string, valueStart: number, valueEnd: number) => void): void {
    const bytes = this.bytes;
    let at = skipSpace(bytes, skipSpace(bytes, 0) + 1);
    while (bytes[at] !== CLOSE_BRACE) {
      const keyEnd = skipString(bytes, at);
      const key = keyOf(bytes, at, keyEnd);
      const start = skipSpace(bytes, skipSpace(bytes, keyEnd) + 1);
      const end = skipValue(bytes, start);
      visit(key, start, end);
      at = skipSpace(bytes, end);
      if (bytes[at] === COMMA) at = skipSpace(bytes, at + 1);
    }
  }
}

function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns the offset of the second element of a well-formed JSON array of two or more elements. */
export function secondElement(bytes: Buffer): number {
  const first = skipSpace(bytes, skipSpace(bytes, 0) + 1);
  return skipSpace(bytes, skipSpace(bytes, skipValue(bytes, first)) + 1);
}

// The functions below require well-formed JSON and do not check for the end of the bytes.

function keyOf(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, end);
  return text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1);
}

function skipSpace(bytes: Buffer, at: number): number {
  while (bytes[at]! <= SPACE) at++;
  return at;
}

function skipString(bytes: Buffer, at: number): number {
  for (;;) {
    at = bytes.indexOf(QUOTE, at + 1);
    let before = at - 1;
    while (bytes[before] === BACKSLASH) before--;
    if ((at - before) % 2 === 1) return at + 1;
  }
}

function skipValue(bytes: Buffer, at: number): number {
  const first = bytes[at];
  if (first === QUOTE) return skipString(bytes, at);
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return skipLiteral(bytes, at);
  let depth = 0;
  for (;;) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = skipString(bytes, at);
      continue;
    }
    at++;
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
    else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --depth === 0) return at;
  }
}

function skipLiteral(bytes: Buffer, at: number): number {
  while (bytes[at] !== COMMA && bytes[at] !== CLOSE_BRACE && bytes[at]! > SPACE) at++;
  return at;
}
