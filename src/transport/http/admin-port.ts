import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { AdminOptions } from '../../config/sections/admin.options.js';

/** Tells the requests of the admin port from those of the main port. */
@Injectable()
export class AdminPort {
  private readonly requests = new WeakSet<IncomingMessage>();

  constructor(private readonly options: AdminOptions) {}

  /** Notes a request of the admin port. */
  note(request: IncomingMessage): void {
    this.requests.add(request);
  }

  /** Whether a request came to the admin port. */
  has(request: IncomingMessage): boolean {
    return this.requests.has(request);
  }

  /** Whether routes for operators must answer a request as if they did not exist: they have a port of their own. */
  hides(request: IncomingMessage): boolean {
    return this.options.adminPort !== 0 && !this.requests.has(request);
  }
}
