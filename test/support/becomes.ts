import { PATIENCE_MS } from './patience.js';

/** Long enough that a polled server has time for other work. */
const INTERVAL_MS = 20;

/** Waits until `state` returns the wanted value. On a timeout, the test fails with the difference. */
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
