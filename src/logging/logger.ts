import { inspect } from 'node:util';
import { serializeError } from './serialize-error.js';

/** The levels with the numbers that pino and bunyan give them, which log collectors know. */
const NUMBERS = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60, silent: Infinity } as const;

export type LogThreshold = keyof typeof NUMBERS;
export type LogLevel = Exclude<LogThreshold, 'silent'>;

/** The members of a line. An error belongs in `err`; `undefined` members are left out. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes lines of JSON in the format of pino: `{"level":30,"time":1700000000000,…,"msg":"listening"}`. */
export class Logger {
  private readonly threshold: number;

  /**
   * @param threshold lowest level that is written
   * @param write gets each line, including its line break
   */
  constructor(
    threshold: LogThreshold,
    private readonly write: (line: string) => void,
  ) {
    this.threshold = NUMBERS[threshold];
  }

  trace(fields: LogFields, message?: string): void {
    this.line('trace', fields, message);
  }

  debug(fields: LogFields, message?: string): void {
    this.line('debug', fields, message);
  }

  info(fields: LogFields, message?: string): void {
    this.line('info', fields, message);
  }

  warn(fields: LogFields, message?: string): void {
    this.line('warn', fields, message);
  }

  error(fields: LogFields, message?: string): void {
    this.line('error', fields, message);
  }

  fatal(fields: LogFields, message?: string): void {
    this.line('fatal', fields, message);
  }

  private line(level: LogLevel, fields: LogFields, msg: string | undefined): void {
    if (NUMBERS[level] < this.threshold) return;
    const head = { level: NUMBERS[level], time: Date.now() };
    this.write(`${jsonOf(head, fields, msg)}\n`);
  }
}

function jsonOf(head: object, fields: LogFields, msg: string | undefined): string {
  const { err } = fields;
  try {
    return JSON.stringify({ ...head, ...fields, ...(err instanceof Error && { err: serializeError(err) }), msg });
  } catch {
    // Circular, or with a bigint: the line must not be lost for that.
    return JSON.stringify({ ...head, fields: inspect(fields), msg });
  }
}
