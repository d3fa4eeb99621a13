import { Logger } from '@nestjs/common';

type Method = 'verbose' | 'debug' | 'log' | 'warn' | 'error' | 'fatal';

/** Nest's methods for the numbers of our levels. */
const METHODS: Readonly<Record<number, Method>> = {
  10: 'verbose',
  20: 'debug',
  30: 'log',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

/** The members of a line. */
interface Line {
  level?: number;
  time?: number;
  msg?: string;
}

/**
 * Passes our lines to the logger of the application: the text alone, or the members of the line with the text as `msg`.
 */
export class HostLog {
  private readonly logger = new Logger('Signalbox');

  write(line: string): void {
    const fields = JSON.parse(line) as Line;
    const method = METHODS[fields.level ?? 0] ?? 'log';
    delete fields.level;
    delete fields.time;
    const hasFields = Object.keys(fields).some((name) => name !== 'msg');
    this.logger[method](hasFields ? fields : fields.msg);
  }
}
