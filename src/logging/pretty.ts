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
 * Returns a line of the JSON log for human readers: time, level, message, then a line for each member.
 * @param hasColours whether the terminal shows ANSI colours
 */
export function pretty(json: string, hasColours: boolean): string {
  const { level, time, msg = '', ...members } = JSON.parse(json) as Line;
  const name = NAMES[level] ?? String(level);
  const head = `[${timeOfDay(new Date(time))}] ${hasColours ? coloured(name, level) : name}: ${msg}`;
  const rows = Object.entries(members).flatMap(([key, value]) =>
    isError(value) ? rowsOfError(value) : `${key}: ${shown(value)}`,
  );
  return [head, ...rows].map(indented).join('\n') + '\n';
}

function isError(value: unknown): value is SerializedError {
  return typeof value === 'object' && value !== null && 'stack' in value;
}

/** Returns the members of an error, and its stack, which begins with its class and message. */
function rowsOfError({ stack, ...members }: SerializedError): string[] {
  const details = Object.entries(members).filter(([key]) => key !== 'type' && key !== 'message');
  return [...details.map(([key, value]) => `${key}: ${shown(value)}`), stack];
}

/** Indents all lines of a row, except the first line of the text. */
function indented(row: string, index: number): string {
  return row
    .split('\n')
    .map((line, at) => (index + at === 0 ? line : INDENT + line))
    .join('\n');
}

function coloured(name: string, level: number): string {
  const colour = COLOURS.find(([from]) => level >= from)?.[1];
  return colour === undefined ? name : colour + name + PLAIN;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value, { breakLength: Infinity, depth: 5 });
}

/** Returns the local time as `23:59:59.999`. */
function timeOfDay(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const milliseconds = String(date.getMilliseconds()).padStart(3, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${milliseconds}`;
}
