import { type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { securityHeaders } from '../common/security-headers.js';
import { DemoController } from './demo.controller.js';

@Module({ controllers: [DemoController] })
export class DemoModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(securityHeaders).forRoutes(DemoController);
  }
}
