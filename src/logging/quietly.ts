import { AsyncLocalStorage } from 'node:async_hooks';
import { Logger, type LoggerService } from '@nestjs/common';

/** Reads which logger Nest writes to, which it shows to subclasses only. */
class NestLogger extends Logger {
  static get current(): LoggerService | undefined {
    return NestLogger.staticInstanceRef;
  }
}

/**
 * Runs some work of Nest without its lines about modules and routes. Warnings and errors are logged as usual, and so are
 * all lines of other work that goes on meanwhile.
 */
export async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const { current } = NestLogger;
  if (!current) return work();
  const quiet = new QuietLogger(current);
  Logger.overrideLogger(quiet);
  try {
    return await quiet.scope.run(true, work);
  } finally {
    quiet.hasEnded = true;
    // Meanwhile the application may have set a logger of its own, or other work may have become quiet.
    if (NestLogger.current === quiet) Logger.overrideLogger(inForce(current));
  }
}

/** Drops the lines below the level `warn` that are written in its scope. */
class QuietLogger implements LoggerService {
  readonly scope = new AsyncLocalStorage<true>();
  hasEnded = false;

  constructor(readonly target: LoggerService) {}

  log(...line: [unknown, ...unknown[]]): void {
    if (!this.scope.getStore()) this.target.log(...line);
  }

  debug(...line: [unknown, ...unknown[]]): void {
    if (!this.scope.getStore()) this.target.debug?.(...line);
  }

  verbose(...line: [unknown, ...unknown[]]): void {
    if (!this.scope.getStore()) this.target.verbose?.(...line);
  }

  warn(...line: [unknown, ...unknown[]]): void {
    this.target.warn(...line);
  }

  error(...line: [unknown, ...unknown[]]): void {
    this.target.error(...line);
  }

  fatal(...line: [unknown, ...unknown[]]): void {
    this.target.fatal?.(...line);
  }
}

/** Returns the logger below the quiet ones that have ended. */
function inForce(logger: LoggerService): LoggerService {
  return logger instanceof QuietLogger && logger.hasEnded ? inForce(logger.target) : logger;
}
