import type { Counters } from '../metrics/counters.js';

type Operation = (...args: unknown[]) => unknown;

/** The same port, with the number, the time and the failures of its operations counted. */
export function measured<T extends object>(port: T, name: string, counters: Counters): T {
  const operations = new Map<string, Operation>();
  return new Proxy(port, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function' || typeof property !== 'string') return value;
      let operation = operations.get(property);
      if (!operation) {
        operation = measure(value.bind(target) as Operation, counters.ofBackplane(`${name}.${property}`));
        operations.set(property, operation);
      }
      return operation;
    },
  });
}

function measure(operation: Operation, counter: ReturnType<Counters['ofBackplane']>): Operation {
  return (...args) => {
    const startedAt = performance.now();
    const result = operation(...args);
    if (!(result instanceof Promise)) return result;
    return result
      .finally(() => counter.latency.add((performance.now() - startedAt) * 1000))
      .catch((error: unknown) => {
        counter.errors++;
        throw error;
      });
  };
}
