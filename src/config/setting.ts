import { inspect } from 'node:util';
import type { OptionInfo, OptionKind } from './option.js';

/** A value that a source gives to an option. */
export interface Setting {
  option: OptionInfo;
  value: unknown;
  /** For people: `flag --port`. */
  origin: string;
  /** What is wrong with the setting whatever its value, if anything. */
  fault?: string;
}

/** What one source says, and one line for each thing in it that is no setting at all. */
export interface Reading {
  settings: Setting[];
  problems: string[];
}

const INTEGER = /^(0|-?[1-9]\d*)$/;

export const ONLY_ONCE = 'must be given only once';

/** Reads text as a value of the kind; text that is none stays text, which the option's rule then refuses. */
export function fromText(kind: OptionKind, text: string): unknown {
  switch (kind) {
    case 'integer':
      return INTEGER.test(text) ? Number(text) : text;
    case 'flag':
      return text === 'true' || (text === 'false' ? false : text);
    case 'list':
      return text === '' ? [] : text.split(',').map((item) => item.trim());
    case 'map':
      return text === '' ? new Map() : new Map(text.split(',').map(pair));
    case 'trust':
      if (INTEGER.test(text)) return Number(text);
      return text === 'true' || (text === 'false' ? false : text);
    case 'json':
      return fromJson(text);
    case 'text':
      return text;
  }
}

/** Text that is no JSON stays text, which the option's rule then refuses. */
function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** `a=b`: a and b; without `=` the second one is undefined, which no map accepts. */
function pair(text: string): [string, string | undefined] {
  const [key = '', ...value] = text.split('=');
  return [key.trim(), value.length > 0 ? value.join('=').trim() : undefined];
}

/** The line for a setting that its option refuses. */
export function refused({ option, value, origin, fault }: Setting, reason: string): string {
  const got = fault !== undefined || option.secret ? '' : `, got ${shown(value)}`;
  return `${option.name} (${origin}) ${reason}${got}`;
}

/** The line for a key that no option has. */
export function unknownOption(key: string, origin: string, suggestion: string | undefined): string {
  const advice = suggestion === undefined ? 'see --help' : `did you mean ${suggestion}?`;
  return `${key} (${origin}) is not an option, ${advice}`;
}

function shown(value: unknown): string {
  return inspect(value, { depth: 1, maxArrayLength: 5, maxStringLength: 80, breakLength: Infinity });
}
