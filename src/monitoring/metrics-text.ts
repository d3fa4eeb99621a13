import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { PrometheusService } from './prometheus.service.js';

/** Time between the beginnings of two texts. */
const INTERVAL_MS = 1000;

/** The metrics in the text format, made at most once a second, however many ask. */
@Injectable()
export class MetricsText {
  private next?: Promise<string>;
  private madeAt = -Infinity;

  constructor(private readonly prometheus: PrometheusService) {}

  get contentType(): string {
    return this.prometheus.contentType;
  }

  /** The text of now or, if one was made less than a second ago, of the end of that second. All who wait get the same one. */
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
