import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { isUnavailable } from '../common/domain-error.js';
import { QueueOptions } from '../config/sections/queue.options.js';
import { Log } from '../logging/log.js';
import { Mailbox } from './mailbox.js';

/** Removes expired signals from the queue periodically. */
@Injectable()
export class ExpiryService implements OnModuleInit, OnApplicationShutdown {
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly options: QueueOptions,
    private readonly mailbox: Mailbox,
    private readonly log: Log,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => {
      this.mailbox.expireDue().catch((error: unknown) => {
        // The next run removes them. The backplane logs outages.
        if (!isUnavailable(error)) this.log.logger.error({ err: error }, 'failed to remove expired signals');
      });
    }, this.options.queueSweepMs);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }
}
