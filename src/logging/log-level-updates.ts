import { Injectable } from '@nestjs/common';
import { LiveConfig } from '../config/live-config.js';
import { Log } from './log.js';

/** Sets the level of the log when a reload changes the option `logLevel`. */
@Injectable()
export class LogLevelUpdates {
  constructor(live: LiveConfig, { logger }: Log) {
    live.onChange(({ logLevel }) => {
      // A level that the admin API has set stays until the option changes.
      const hasChanged = logLevel !== live.current.logLevel;
      return {
        apply: () => {
          if (hasChanged) logger.level = logLevel;
        },
      };
    });
  }
}
