import { inspect } from 'node:util';
import type { SerializedError } from './serialize-error.js';

const NAMES: Readonly<Record<number, string>> = {
  10: 'TRACE',
  20: 'DEBUG',
  30: 'INFO',
  40: 'WARN',
  50: 'ERROR',
  60: 'FATAL',
};

/** ANSI colours from this level on. */
const COLOURS = [
  [50, '\x1b[31m'],
  [40, '\x1b[33m'],
  [30, '\x1b[32m'],
] as const;
const PLAIN = '\x1b[39m';
const INDENT = '    ';

interface Line {
  readonly level: number;
  readonly time: number;
  readonly msg?: string;
  readonly [member: string]: unknown;
}

/**
 * Returns a line of the JSON log for human readers, in one line: time, level, message, and the members that the message
 * does not name. The stack of an error follows in lines of its own.
 * @param hasColours whether the terminal shows ANSI colours
 */
export function pretty(json: string, hasColours: boolean): string {
  const { level, time, msg = '', ...members } = JSON.parse(json) as Line;
  const name = NAMES[level] ?? String(level);
  const head = `[${timeOfDay(new Date(time))}] ${hasColours ? coloured(name, level) : name}: ${inOneLine(msg)}`;
  const named = new Set(msg.split(/[\s,()]+/));
  const shown = Object.entries(members).filter(([, value]) => !named.has(String(value)));
  const pairs = shown.map(([key, value]) => `${key}=${isError(value) ? textOfError(value) : textOf(value)}`);
  const stacks = shown.flatMap(([, value]) => (isError(value) ? linesOfStack(value) : []));
  return `${[[head, ...pairs].join(' '), ...stacks].join('\n')}\n`;
}

function isError(value: unknown): value is SerializedError {
  return typeof value === 'object' && value !== null && 'stack' in value;
}

/** Returns the class and message of an error, and its own members. */
function textOfError({ type, message, stack: _, ...members }: SerializedError): string {
  const details = Object.entries(members).map(([key, value]) => ` ${key}=${textOf(value)}`);
  return quoted(`${type}: ${message}`) + details.join('');
}

/** Returns where an error comes from. The text before it is in the line itself. */
function linesOfStack({ stack }: SerializedError): string[] {
  const lines = stack.split('\n').filter((line) => /^\s*at |^caused by: /.test(line));
  return lines.map((line) => INDENT + inOneLine(line.trim()));
}

function coloured(name: string, level: number): string {
  const colour = COLOURS.find(([from]) => level >= from)?.[1];
  return colour === undefined ? name : colour + name + PLAIN;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return quoted(value.join(','));
  return inspect(value, { breakLength: Infinity, depth: 5 });
}

/** Returns a text in quotes if it would not end at the next space. */
function quoted(text: string): string {
  return inOneLine(/^[^\s"=]+$/.test(text) ? text : JSON.stringify(text));
}

/** Replaces control characters, which could move the cursor of a terminal, and line breaks. */
function inOneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}

/** Returns the local time as `23:59:59.999`. */
function timeOfDay(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const milliseconds = String(date.getMilliseconds()).padStart(3, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${milliseconds}`;
}
