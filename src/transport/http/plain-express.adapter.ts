import type { IncomingMessage } from 'node:http';
import { ExpressAdapter } from '@nestjs/platform-express';
import { maskedTarget } from '../../common/masked-target.js';

/** Nest's adapter for Express, whose answers name neither Express nor the token of a request. */
export class PlainExpressAdapter extends ExpressAdapter {
  constructor() {
    super();
    this.disable('x-powered-by');
  }

  /** Returns the URL of a request as the answer to an unknown path shows it. */
  override getRequestUrl(request: IncomingMessage): string {
    return maskedTarget(super.getRequestUrl(request));
  }
}
