import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { isUnavailable } from '../common/domain-error.js';
import { QueueOptions } from '../config/sections/queue.options.js';
import { Log } from '../logging/log.js';
import { SignalingService } from './signaling.service.js';

/** One timer that looks for signals that have waited too long. */
@Injectable()
export class ExpiryService implements OnModuleInit, OnApplicationShutdown {
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly options: QueueOptions,
    private readonly signaling: SignalingService,
    private readonly log: Log,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => {
      this.signaling.expire().catch((error: unknown) => {
        // The next sweep expires them. The backplane tells the operator of an outage.
        if (!isUnavailable(error)) this.log.pino.error({ err: error }, 'waiting signals could not be expired');
      });
    }, this.options.queueSweepMs);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }
}
