import type { LoggerService } from '@nestjs/common';
import { destination, pino, type DestinationStream, type Logger } from 'pino';
import { build as pretty } from 'pino-pretty';
import type { Config } from '../config/config.js';

/** Classes of Nest that tell at length how an application is put together; that is for debugging. */
const BOOTSTRAP = [
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'WebSocketsController',
  'NestApplication',
];

/** Lines are gathered until there are so many bytes, or so many milliseconds have passed: each write costs as much as many lines. */
const GATHERED_BYTES = 16_000;
const GATHERED_MS = 100;

/** Bytes of lines that may wait for whoever reads standard output; what is more is dropped. */
const MAX_WAITING = 16 * 1_048_576;

/** The server's log: pino itself for our own lines, and as a Nest LoggerService for those of Nest and its `Logger`s. */
export class Log implements LoggerService {
  constructor(readonly pino: Logger) {}

  /** A log on standard output, as the configuration wants it: pretty on a terminal, JSON otherwise. */
  static create({ logLevel, logFormat }: Config): Log {
    const isPretty = logFormat === 'pretty' || (logFormat === 'auto' && process.stdout.isTTY);
    const stream: DestinationStream = isPretty
      ? pretty({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l', sync: true })
      : gathered();
    return new Log(pino({ level: logLevel, base: undefined }, stream));
  }

  log(message: unknown, ...rest: unknown[]): void {
    const level = BOOTSTRAP.includes(String(rest.at(-1))) ? 'debug' : 'info';
    this.pino[level](...line(message, rest));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.pino.error(...line(message, rest));
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

/** Standard output, to which lines are written together. */
function gathered(): DestinationStream {
  const output = destination({ fd: 1, sync: false, minLength: GATHERED_BYTES, maxLength: MAX_WAITING });
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    timer = undefined;
    output.flush();
  };
  return {
    write: (line) => {
      output.write(line);
      // At the end of the process pino does so itself.
      timer ??= setTimeout(flush, GATHERED_MS).unref();
    },
  };
}

/** Nest hands over the message, sometimes a stack, and last the context, usually the name of a class. */
function line(message: unknown, rest: unknown[]): [object, string | undefined] {
  const context = rest.at(-1);
  const stack = rest.length > 1 ? rest[0] : undefined;
  if (message instanceof Error) return [{ context, err: message }, message.message];
  return [stack === undefined ? { context } : { context, stack }, String(message)];
}
