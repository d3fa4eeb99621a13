import { WritableFile } from '../file-rules.js';
import { Option } from '../option.js';
import { OneOf } from '../rules.js';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const LOG_FORMATS = ['auto', 'pretty', 'json'] as const;

/** The log. */
export class LoggingOptions {
  @Option('Lowest level that is logged.', { section: 'Logging', reloadable: true })
  @OneOf(...LOG_LEVELS)
  readonly logLevel: (typeof LOG_LEVELS)[number] = 'info';

  @Option('Format of log lines; auto means pretty on a terminal and json elsewhere.')
  @OneOf(...LOG_FORMATS)
  readonly logFormat: (typeof LOG_FORMATS)[number] = 'auto';

  @Option(
    'File for the audit lines of the admin API, instead of the log. It is opened for each line, so that it may be moved away at any time.',
  )
  @WritableFile()
  readonly auditFile: string = '';
}
