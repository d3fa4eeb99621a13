import { Module } from '@nestjs/common';
import { ConnectorOptions } from '../config/sections/connector.options.js';
import { PageOptions } from '../config/sections/page.options.js';
import { isFileIn } from '../transport/http/cors.js';
import { InnerApplication } from '../transport/http/inner-application.js';
import { TransportModule } from '../transport/transport.module.js';
import { DemoController } from './demo.controller.js';

const PATH = '/demo';

class DemoPageModule {}

/** The demo page and its files. */
@Module({ imports: [TransportModule] })
export class DemoModule {
  constructor(inner: InnerApplication, options: ConnectorOptions, { demo }: PageOptions) {
    if (!demo) return;
    const isFile = isFileIn(PATH);
    inner.register({
      module: {
        module: DemoPageModule,
        controllers: [DemoController],
        providers: [{ provide: ConnectorOptions, useValue: options }],
      },
      owns: (path) => path.toLowerCase() === PATH || isFile(path),
    });
  }
}
