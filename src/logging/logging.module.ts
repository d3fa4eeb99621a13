import { Module } from '@nestjs/common';
import { LoggingOptions } from '../config/sections/logging.options.js';
import { AuditLog } from './audit-log.js';
import { ConnectionLog } from './connection-log.js';
import { Log } from './log.js';
import { LogLevelUpdates } from './log-level-updates.js';
import { RefusalLog } from './refusal-log.js';

@Module({
  providers: [
    { provide: Log, inject: [LoggingOptions], useFactory: (options: LoggingOptions) => Log.create(options) },
    LogLevelUpdates,
    ConnectionLog,
    RefusalLog,
    AuditLog,
  ],
  exports: [Log, ConnectionLog, RefusalLog, AuditLog],
})
export class LoggingModule {}
