import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { LifeCheck } from './life-check.js';

const TIMEOUT_MS = 50;

/** Answers once in a thread of its own, while this one does nothing. */
const ANSWERS = `
  const { parentPort } = require('node:worker_threads');
  parentPort.once('message', () => parentPort.postMessage('a sign of life'));
  parentPort.postMessage('ready');
`;

/** Blocks this thread. */
function stall(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe('LifeCheck', () => {
  it('reads the frames of a stall before it decides', async () => {
    const worker = new Worker(ANSWERS, { eval: true });
    try {
      await once(worker, 'message');
      const check = new LifeCheck(TIMEOUT_MS);
      worker.once('message', () => check.end(true));
      worker.postMessage('are you there?');
      stall(10 * TIMEOUT_MS);
      expect(await check.outcome).toBe(true);
    } finally {
      await worker.terminate();
    }
  });

  it('resolves with false after the timeout, and keeps its first result', async () => {
    const late = new LifeCheck(TIMEOUT_MS);
    expect(await late.outcome).toBe(false);
    late.end(true);
    expect(await late.outcome).toBe(false);
    const early = new LifeCheck(TIMEOUT_MS);
    early.end(true);
    early.end(false);
    expect(await early.outcome).toBe(true);
  });
});
