import { Counters } from '../counters/counters.js';
import { Tracing } from '../tracing/tracing.js';
import { measured } from './measured.js';

abstract class Port {
  abstract readonly size: number;
  abstract add(item: string): Promise<number>;

  isEmpty(): boolean {
    return this.size === 0;
  }
}

/** An implementation whose fields no wrapper can read. */
class PrivatePort extends Port {
  #items: string[] = [];

  override get size(): number {
    return this.#items.length;
  }

  override add(item: string): Promise<number> {
    if (item === '') return Promise.reject(new Error('empty'));
    return Promise.resolve(this.#items.push(item));
  }
}

describe('measured', () => {
  it('runs methods and getters on a port with private fields', async () => {
    const port: Port = measured<Port>(new PrivatePort(), 'port', new Counters(), await Tracing.create('node-1'));
    expect([port.size, port.isEmpty()]).toEqual([0, true]);
    expect(await port.add('x')).toBe(1);
    expect([port.size, port.isEmpty()]).toEqual([1, false]);
    expect(port).toBeInstanceOf(Port);
  });

  it('counts asynchronous operations and their failures', async () => {
    const counters = new Counters();
    const port = measured<Port>(new PrivatePort(), 'port', counters, await Tracing.create('node-1'));
    port.isEmpty();
    await port.add('x');
    await expect(port.add('')).rejects.toThrow('empty');
    await Promise.resolve();
    const { errors, latency } = counters.ofBackplane('port.add');
    expect([errors, latency.counts.reduce((sum, count) => sum + count)]).toEqual([1, 2]);
  });
});
