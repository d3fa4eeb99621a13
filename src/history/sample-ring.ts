import type { Sample } from './sample.js';

/** The latest samples of a node, oldest first. */
export class SampleRing {
  private samples: Sample[] = [];

  /** @param capacity maximum number of samples; beyond it, the oldest is removed */
  constructor(private readonly capacity: number) {}

  /** Adds a sample. If the clock was set back, samples that are not older are removed, so that times ascend. */
  add(sample: Sample): void {
    while ((this.newest ?? 0) >= sample.time) this.samples.pop();
    this.samples.push(sample);
    if (this.samples.length > this.capacity) this.samples.shift();
  }

  clear(): void {
    this.samples = [];
  }

  /** Time of the newest sample. */
  get newest(): number | undefined {
    return this.samples.at(-1)?.time;
  }

  /** Returns the samples that are newer than a time. */
  since(time: number): Sample[] {
    return this.samples.filter((sample) => sample.time > time);
  }
}
