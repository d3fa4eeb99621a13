import { inspect } from 'node:util';
import { serializeError } from './serialize-error.js';

/** The levels with the numbers that pino and bunyan give them, which log collectors know. */
const NUMBERS = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60, silent: Infinity } as const;

export type LogThreshold = keyof typeof NUMBERS;
/** All thresholds, the most talkative first. */
export const LOG_THRESHOLDS = Object.keys(NUMBERS) as readonly LogThreshold[];
export type LogLevel = Exclude<LogThreshold, 'silent'>;

/** The members of a line. An error belongs in `err`; `undefined` members are left out. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes lines of JSON in the format of pino: `{"level":30,"time":1700000000000,…,"msg":"listening"}`. */
export class Logger {
  private threshold: number;

  /**
   * @param lowest level that is written
   * @param write gets each line, including its line break
   */
  constructor(
    private lowest: LogThreshold,
    private readonly write: (line: string) => void,
  ) {
    this.threshold = NUMBERS[lowest];
  }

  /** Lowest level that is written. May be changed at any time. */
  get level(): LogThreshold {
    return this.lowest;
  }

  set level(level: LogThreshold) {
    this.lowest = level;
    this.threshold = NUMBERS[level];
  }

  /** Whether lines of this level are written. Callers ask before they gather the members of a frequent line. */
  isOn(level: LogLevel): boolean {
    return NUMBERS[level] >= this.threshold;
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

  /** Returns a line, including its line break, without a look at its level. */
  lineOf(level: LogLevel, fields: LogFields, message?: string): string {
    return `${jsonOf({ level: NUMBERS[level], time: Date.now() }, fields, message)}\n`;
  }

  private line(level: LogLevel, fields: LogFields, message: string | undefined): void {
    if (this.isOn(level)) this.write(this.lineOf(level, fields, message));
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
