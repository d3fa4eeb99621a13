import { appendFileSync } from 'node:fs';
import { Injectable } from '@nestjs/common';
import { LoggingOptions } from '../config/sections/logging.options.js';
import { Log } from './log.js';
import type { LogFields } from './logger.js';

/** For the owner alone: the lines name who has done what. */
const MODE = 0o600;

/**
 * Writes audit lines synchronously: no crash of the process loses one. They go to the log, or to a file of their own.
 */
@Injectable()
export class AuditLog {
  constructor(
    private readonly log: Log,
    private readonly options: LoggingOptions,
  ) {}

  /** Writes a line. If the file cannot be written, the line goes to the log, with an error. */
  write(fields: LogFields, message: string): void {
    const { auditFile } = this.options;
    if (auditFile === '') {
      this.log.writeAtOnce(fields, message);
      return;
    }
    try {
      // Opens the file for each line, because a tool that rotates logs may have moved it away.
      appendFileSync(auditFile, this.log.logger.lineOf('info', fields, message), { mode: MODE });
    } catch (err) {
      this.log.logger.error({ err, file: auditFile }, 'the audit file cannot be written');
      this.log.writeAtOnce(fields, message);
    }
  }
}
