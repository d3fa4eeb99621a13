import { Module } from '@nestjs/common';
import { PageOptions } from '../config/sections/page.options.js';
import { isWithin } from '../transport/http/cors.js';
import { InnerApplication } from '../transport/http/inner-application.js';
import { TransportModule } from '../transport/transport.module.js';
import { ConsoleController } from './console.controller.js';

class ConsolePageModule {}

/** The console for operators, beside the admin API. A route `/console` of the application around it takes precedence. */
@Module({ imports: [TransportModule] })
export class ConsoleModule {
  constructor(inner: InnerApplication, { console }: PageOptions) {
    if (!console) return;
    inner.register({
      module: { module: ConsolePageModule, controllers: [ConsoleController] },
      owns: () => false,
      ownsUnclaimed: isWithin('/console'),
      isForOperators: true,
    });
  }
}
