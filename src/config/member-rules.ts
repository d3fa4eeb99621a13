import { validateHeaderName, validateHeaderValue } from 'node:http';
import { parseCorsEntry } from './origin.js';
import { isReadableFile } from './readable-file.js';
import { rule } from './rule.js';

const MAX_URL = 2048;

/** One text or a list of them; normalised to a list. */
export function OneOrMoreTexts(bounds: {
  maxItems: number;
  minLength?: number;
  maxLength: number;
  matches?: RegExp;
  /** Describes `matches`, completing the sentence "must be …". */
  allowed?: string;
}): PropertyDecorator {
  const { maxItems, minLength = 1, maxLength, matches = /^/ } = bounds;
  const length = `${minLength} to ${maxLength} characters`;
  const allowed = `${bounds.allowed ?? 'a text'} of ${length}, or a list of up to ${maxItems} of them`;
  return rule({ kind: 'json', allowed, normalise: listOf, isLines: true }, (value) => {
    const list = listOf(value);
    return list.length <= maxItems && list.every((text) => isText(text, minLength, maxLength) && matches.test(text));
  });
}

/** One of some texts, or a list of them; normalised to a list. */
export function OneOrMoreOf(...values: readonly string[]): PropertyDecorator {
  const allowed = `one or more of ${values.join(', ')}`;
  return rule({ kind: 'json', allowed, normalise: listOf }, (value) => {
    const list = listOf(value);
    return list.length > 0 && list.every((text) => typeof text === 'string' && values.includes(text));
  });
}

/** An entry of the option `cors`, or a list of them; normalised to a list. */
export function Origins(): PropertyDecorator {
  const allowed = 'origins such as https://example.com or https://*.example.com';
  return rule({ kind: 'json', allowed, normalise: listOf }, (value) => {
    const list = listOf(value);
    return list.length <= 1000 && list.every((entry) => isText(entry, 1, 256) && parseCorsEntry(entry) !== undefined);
  });
}

/** The path of a readable file, or a list of them; normalised to a list. */
export function OneOrMoreFiles(): PropertyDecorator {
  const allowed = 'the path of a file that can be read, or a list of up to 10 of them';
  const files = (value: unknown): string[] => listOf(value).map(String);
  return rule({ kind: 'json', allowed, normalise: listOf, files }, (value) => {
    const list = listOf(value);
    return list.length <= 10 && list.every((path) => isText(path, 1, 4096) && isReadableFile(path));
  });
}

/** An http or https URL without user and password, or empty. */
export function HttpUrl(): PropertyDecorator {
  return rule({ kind: 'text', allowed: 'an http or https URL without user and password' }, (value) => {
    return value === '' || (isText(value, 1, MAX_URL) && isHttpUrl(value));
  });
}

/** HTTP headers: an object of texts. */
export function HttpHeaders(): PropertyDecorator {
  const allowed = 'an object of up to 100 HTTP headers, each a text of up to 8192 characters';
  return rule({ kind: 'json', allowed }, (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const entries = Object.entries(value as Record<string, unknown>);
    return entries.length <= 100 && entries.every(([name, text]) => isText(text, 0, 8192) && isHeader(name, text));
  });
}

/** The body of an HTTP request: a text, or an object that is sent as JSON. */
export function HttpBody(): PropertyDecorator {
  return rule({ kind: 'json', allowed: 'a text or an object' }, (value) => {
    return isText(value, 0, 65_536) || (typeof value === 'object' && value !== null);
  });
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [value];
}

function isText(value: unknown, minLength: number, maxLength: number): value is string {
  return typeof value === 'string' && value.length >= minLength && value.length <= maxLength;
}

function isHttpUrl(text: string): boolean {
  try {
    const { protocol, username, password } = new URL(text);
    return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '';
  } catch {
    return false;
  }
}

function isHeader(name: string, value: string): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    // Node throws for characters that HTTP does not allow.
    return false;
  }
}
