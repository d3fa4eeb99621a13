import { Module } from '@nestjs/common';
import { CountersModule } from '../counters/counters.module.js';
import { LoggingModule } from '../logging/logging.module.js';
import { TracingModule } from '../tracing/tracing.module.js';
import { DeliveryContext } from './delivery-context.js';
import { WebhooksService } from './webhooks.service.js';

/** Delivers events to the endpoints of the option `webhooks`. */
@Module({
  imports: [CountersModule, LoggingModule, TracingModule],
  providers: [WebhooksService, DeliveryContext],
  exports: [WebhooksService],
})
export class WebhooksModule {}
