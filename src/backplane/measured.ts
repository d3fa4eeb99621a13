import type { Counters } from '../metrics/counters.js';

type Operation = (...args: unknown[]) => unknown;

/** The same port, with the number, the time and the failures of its operations counted. */
export function measured<T extends object>(port: T, name: string, counters: Counters): T {
  const wrapped = Object.create(port) as Record<string, Operation>;
  for (const property of methodsOf(port)) {
    const operation = Reflect.get(port, property) as Operation;
    wrapped[property] = measure(operation.bind(port), counters.ofBackplane(`${name}.${property}`));
  }
  return wrapped as T;
}

function methodsOf(port: object): string[] {
  const prototype = Object.getPrototypeOf(port) as object;
  return Object.getOwnPropertyNames(prototype).filter(
    (name) => name !== 'constructor' && typeof Object.getOwnPropertyDescriptor(prototype, name)?.value === 'function',
  );
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
