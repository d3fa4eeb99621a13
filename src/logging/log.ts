import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { LoggingOptions } from '../config/sections/logging.options.js';
import { serializeError } from './serialize-error.js';
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

/** The log of the server: `pino` for our own lines, and a LoggerService for those of Nest. */
export class Log implements LoggerService {
  constructor(
    readonly pino: Logger,
    readonly output: StandardOutput,
  ) {}

  /** Creates a log that writes to standard output: by default pretty on a terminal, and JSON elsewhere. */
  static create({ logLevel, logFormat }: LoggingOptions): Log {
    const output = new StandardOutput();
    const isPretty = logFormat === 'pretty' || (logFormat === 'auto' && process.stdout.isTTY);
    const options = { level: logLevel, base: undefined, serializers: { err: serializeError } };
    const log = new Log(pino(options, isPretty ? prettified(output) : output), output);
    output.onRecovery = (lines) => log.pino.warn({ lines }, 'log lines were dropped');
    return log;
  }

  log(message: unknown, ...rest: unknown[]): void {
    const level = BOOTSTRAP.includes(String(rest.at(-1))) ? 'debug' : 'info';
    this.pino[level](...line(message, rest));
  }

  error(message: unknown, ...rest: unknown[]): void {
    // Nest also throws the error of `listen`, and the caller reports it.
    const level = rest.at(-1) === 'NestApplication' ? 'debug' : 'error';
    this.pino[level](...line(message, rest));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.pino.warn(...line(message, rest));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.pino.debug(...line(message, rest));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.pino.trace(...line(message, rest));
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.pino.fatal(...line(message, rest));
  }
}

function prettified(output: StandardOutput): DestinationStream {
  const pretty = prettyFactory({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' });
  return { write: (line) => output.write(pretty(line)) };
}

/** Nest passes the message, sometimes a stack, and then the context, usually a class name. */
function line(message: unknown, rest: unknown[]): [object, string | undefined] {
  const context = rest.at(-1);
  const stack = rest.length > 1 ? rest[0] : undefined;
  if (message instanceof Error) return [{ context, err: message }, message.message];
  return [stack === undefined ? { context } : { context, stack }, String(message)];
}
