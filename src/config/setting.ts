import { inspect } from 'node:util';
import type { OptionInfo, OptionKind } from './option.js';

/** The value of an option in one source. */
export interface Setting {
  option: OptionInfo;
  value: unknown;
  /** For messages: `flag --port`. */
  origin: string;
  /** A problem that does not depend on the value. */
  fault?: string;
}

/** The settings of one source, and a line for each entry that is not a setting. */
export interface Reading {
  settings: Setting[];
  problems: string[];
}

const INTEGER = /^(0|-?[1-9]\d*)$/;

export const ONLY_ONCE = 'must be given only once';
export const FILE_ONLY = 'must be written in a YAML or JSON file, named by --config FILE or SIGNALBOX_CONFIG';

/** Parses text as a value of the kind. Other text stays text, which the option's rule then rejects. */
export function fromText(kind: OptionKind, text: string): unknown {
  switch (kind) {
    case 'integer':
      return INTEGER.test(text) ? Number(text) : text;
    case 'flag':
      return text === 'true' || (text === 'false' ? false : text);
    case 'list':
      return text === '' ? [] : text.split(',').map((item) => item.trim());
    case 'map':
      return text === '' ? new Map() : new Map(text.split(',').map(pairOf));
    case 'trust':
      if (INTEGER.test(text)) return Number(text);
      return text === 'true' || (text === 'false' ? false : text);
    case 'json':
      return fromJson(text);
    case 'text':
      return text;
  }
}

/** Parses JSON. Other text stays text, which the option's rule then rejects. */
function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Splits `a=b`. Without `=` the value is undefined, which no map accepts. */
export function pairOf(text: string): [string, string | undefined] {
  const [key = '', ...value] = text.split('=');
  return [key.trim(), value.length > 0 ? value.join('=').trim() : undefined];
}

/**
 * Returns the message for a rejected setting.
 * @param path of the rejected member of an object, such as `.jwt.issuer`
 */
export function refused({ option, value, origin, fault }: Setting, reason: string, path = ''): string {
  const got = fault !== undefined || option.secret || path !== '' ? '' : `, got ${shown(value)}`;
  return `${option.name}${path} (${origin}) ${reason}${got}`;
}

/** Returns the message for an unknown option. */
export function unknownOption(key: string, origin: string, suggestion: string | undefined): string {
  const advice = suggestion === undefined ? 'see --help' : `did you mean ${suggestion}?`;
  return `${key} (${origin}) is not an option, ${advice}`;
}

function shown(value: unknown): string {
  return inspect(value, { depth: 1, maxArrayLength: 5, maxStringLength: 80, breakLength: Infinity });
}
