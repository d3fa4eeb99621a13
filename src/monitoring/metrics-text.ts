import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { PrometheusService } from './prometheus.service.js';

/** Minimum interval between two collections. */
const INTERVAL_MS = 1000;

/** Renders the metrics in the Prometheus text format, at most once a second. */
@Injectable()
export class MetricsText {
  private next?: Promise<string>;
  private madeAt = -Infinity;

  constructor(private readonly prometheus: PrometheusService) {}

  get contentType(): string {
    return this.prometheus.contentType;
  }

  /** Returns the current metrics. If the last collection is less than a second old, all callers share the next one. */
  read(): Promise<string> {
    return (this.next ??= this.make());
  }

  private async make(): Promise<string> {
    await sleep(Math.max(0, this.madeAt + INTERVAL_MS - performance.now()), undefined, { ref: false });
    this.madeAt = performance.now();
    this.next = undefined;
    return this.prometheus.text();
  }
}
