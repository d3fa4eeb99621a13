import { Module } from '@nestjs/common';
import { LoggingOptions } from '../config/sections/logging.options.js';
import { ConnectionLog } from './connection-log.js';
import { Log } from './log.js';
import { RefusalLog } from './refusal-log.js';

@Module({
  providers: [
    { provide: Log, inject: [LoggingOptions], useFactory: (options: LoggingOptions) => Log.create(options) },
    ConnectionLog,
    RefusalLog,
  ],
  exports: [Log, ConnectionLog, RefusalLog],
})
export class LoggingModule {}
