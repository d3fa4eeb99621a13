import { PATIENCE_MS } from './patience.js';

/** Seldom enough that a server that is asked has time for something else. */
const INTERVAL_MS = 20;

/** Waits until something is as it should be; if it does not become so, the test fails with what is different. */
export async function becomes<T>(state: () => T | Promise<T>, wanted: T, patienceMs = PATIENCE_MS): Promise<void> {
  const deadline = performance.now() + patienceMs;
  let seen = await state();
  while (!isSame(seen, wanted) && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
    seen = await state();
  }
  expect(seen).toEqual(wanted);
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
