import { Module } from '@nestjs/common';
import { Config } from '../config/config.js';
import { ConnectionLog } from './connection-log.js';
import { Log } from './log.js';
import { RefusalLog } from './refusal-log.js';

@Module({
  providers: [
    { provide: Log, inject: [Config], useFactory: (config: Config) => Log.create(config) },
    ConnectionLog,
    RefusalLog,
  ],
  exports: [Log, ConnectionLog, RefusalLog],
})
export class LoggingModule {}
