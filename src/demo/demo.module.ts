import { Module } from '@nestjs/common';
import { PageOptions } from '../config/sections/page.options.js';
import { Realms } from '../realms/realms.js';
import { RealmsModule } from '../realms/realms.module.js';
import { isFileIn } from '../transport/http/cors.js';
import { InnerApplication } from '../transport/http/inner-application.js';
import { TransportModule } from '../transport/transport.module.js';
import { DemoController } from './demo.controller.js';

const PATH = '/demo';

class DemoPageModule {}

/** The demo page and its files. */
@Module({ imports: [RealmsModule, TransportModule] })
export class DemoModule {
  constructor(inner: InnerApplication, realms: Realms, { demo }: PageOptions) {
    if (!demo) return;
    const isFile = isFileIn(PATH);
    inner.register({
      module: {
        module: DemoPageModule,
        controllers: [DemoController],
        providers: [{ provide: Realms, useValue: realms }],
      },
      owns: (path) => path.toLowerCase() === PATH || isFile(path),
    });
  }
}
