import type { LoggerService, OnApplicationShutdown } from '@nestjs/common';
import type { LoggingOptions } from '../config/sections/logging.options.js';
import { HostLog } from './host-log.js';
import { type LogFields, Logger } from './logger.js';
import { pretty } from './pretty.js';
import { StandardOutput } from './standard-output.js';

/** Nest classes that log every module and route at startup; their lines are logged at debug level. */
const BOOTSTRAP = [
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'WebSocketsController',
  'NestApplication',
];

/** Maximum time for the last lines to be written. */
const FLUSH_MS = 500;

/** The log of the server: `logger` for our own lines, and a LoggerService for those of Nest. */
export class Log implements LoggerService, OnApplicationShutdown {
  /** The logger of the application, if our lines go there. */
  private host?: HostLog;

  /** @param human whether lines are for human readers, and in colours */
  constructor(
    readonly logger: Logger,
    readonly output: StandardOutput,
    private readonly human?: { readonly hasColours: boolean },
  ) {}

  /** Creates a log that writes to standard output: by default pretty on a terminal, and JSON elsewhere. */
  static create({ logLevel, logFormat }: LoggingOptions): Log {
    const output = new StandardOutput();
    const isPretty = logFormat === 'pretty' || (logFormat === 'auto' && process.stdout.isTTY);
    const human = isPretty ? { hasColours: process.stdout.isTTY && process.stdout.hasColors() } : undefined;
    const log: Log = new Log(new Logger(logLevel, (line) => log.write(line)), output, human);
    output.onRecovery = (lines) => log.logger.warn({ lines }, 'log lines were dropped');
    return log;
  }

  /** Passes all further lines of our own to the logger of the application. */
  useHost(): void {
    this.host = new HostLog();
  }

  /** Whether the server writes its lines itself, for human readers, and includes what it does as usual. */
  get greetsHumans(): boolean {
    return this.human !== undefined && !this.host && this.logger.isOn('info');
  }

  /**
   * Writes a line that must not be lost with the process: before this returns, unless the reader of standard output is
   * too slow. It is written at every level but `silent`.
   */
  writeAtOnce(fields: LogFields, message: string): void {
    if (this.logger.level === 'silent') return;
    const line = this.logger.lineOf('info', fields, message);
    if (this.host) this.host.write(line);
    else this.output.writeAtOnce(this.shown(line));
  }

  private write(line: string): void {
    if (this.host) this.host.write(line);
    else this.output.write(this.shown(line));
  }

  private shown(line: string): string {
    return this.human ? pretty(line, this.human.hasColours) : line;
  }

  /** Writes the last lines, because Nest's shutdown hooks end the process by a signal, without the event `exit`. */
  onApplicationShutdown(): Promise<void> {
    return this.output.flushed(FLUSH_MS);
  }

  log(message: unknown, ...rest: unknown[]): void {
    const level = BOOTSTRAP.includes(String(rest.at(-1))) ? 'debug' : 'info';
    this.logger[level](...line(message, rest));
  }

  error(message: unknown, ...rest: unknown[]): void {
    // Nest also throws the error of `listen`, and the caller reports it.
    const level = rest.at(-1) === 'NestApplication' ? 'debug' : 'error';
    this.logger[level](...line(message, rest));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.logger.warn(...line(message, rest));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.logger.debug(...line(message, rest));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.logger.trace(...line(message, rest));
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.logger.fatal(...line(message, rest));
  }
}

/** Nest passes the message, sometimes a stack, and then the context, usually a class name. */
function line(message: unknown, rest: unknown[]): [LogFields, string] {
  const context = rest.at(-1);
  const stack = rest.length > 1 ? rest[0] : undefined;
  if (message instanceof Error) return [{ context, err: message }, message.message];
  return [stack === undefined ? { context } : { context, stack }, String(message)];
}
