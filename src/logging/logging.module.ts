import { Module } from '@nestjs/common';
import { Config } from '../config/config.js';
import { ConnectionLog } from './connection-log.js';
import { Log } from './log.js';

@Module({
  providers: [{ provide: Log, inject: [Config], useFactory: (config: Config) => Log.create(config) }, ConnectionLog],
  exports: [Log, ConnectionLog],
})
export class LoggingModule {}
