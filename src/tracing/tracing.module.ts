import { Module } from '@nestjs/common';
import { NodeIdentity } from '../common/node-identity.js';
import { Tracing } from './tracing.js';

/** Spans for the OpenTelemetry SDK of the process. The node's identity is global. */
@Module({
  providers: [
    { provide: Tracing, inject: [NodeIdentity], useFactory: ({ name }: NodeIdentity) => Tracing.create(name) },
  ],
  exports: [Tracing],
})
export class TracingModule {}
