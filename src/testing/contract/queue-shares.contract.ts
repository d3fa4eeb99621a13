import assert from 'node:assert/strict';
import { RawJson } from '../../common/raw-json.js';
import type { Config } from '../../config/config.js';
import type { OfflineQueue } from '../../signaling/offline-queue.js';
import { type DeclareTest, describeSuite, type OpenNodes, type TestRunner } from './suite.js';

interface Put {
  readonly to: string;
  readonly from?: string;
  readonly address?: string;
  readonly realm?: string;
}

const payload = RawJson.of('x'.repeat(10_000));

/** Declares the tests of bounds on the queued signals of one address, and of one sender at one target. */
export function describeQueueShares(runner: TestRunner, open: OpenNodes): void {
  describeSuite(runner, 'OfflineQueue: shares', open, (it) => {
    declareSharesOfTargets(it);
    declareSharesOfAddresses(it);
  });
}

function put(queue: OfflineQueue, { to, from = 's', address, realm = 'r' }: Put): Promise<boolean> {
  return queue.put({ realm, to, address, signal: { kind: 'offer', from, payload } });
}

/** Returns how many of the signals are queued. */
async function countQueued(queue: OfflineQueue, count: number, each: (i: number) => Put): Promise<number> {
  let sum = 0;
  for (let i = 0; i < count; i++) if (await put(queue, each(i))) sum++;
  return sum;
}

function declareSharesOfTargets(it: DeclareTest): void {
  const bounds: [title: string, options: Partial<Config>][] = [
    ['number', { maxQueuedPerTarget: 6, maxQueuedBytesPerTarget: 1_000_000 }],
    ['bytes', { maxQueuedBytesPerTarget: 70_000 }],
  ];
  for (const [title, options] of bounds) {
    it(
      `leaves room for other signals beside those of one sender or address at a target: ${title}`,
      async ({ a: { queue } }) => {
        assert.equal(await countQueued(queue, 10, () => ({ to: 'x' })), 3);
        assert.equal(await put(queue, { to: 'x', from: 'friend' }), true);
        assert.equal(await put(queue, { to: 'y' }), true);
        assert.equal((await queue.take('r', 'x')).length, 4);
        assert.equal(await countQueued(queue, 10, () => ({ to: 'x' })), 3);

        const ofAddress = (i: number): Put => ({ to: 'z', from: `s${i}`, address: '192.0.2.1' });
        assert.equal(await countQueued(queue, 10, ofAddress), 3);
        assert.equal(await put(queue, { to: 'z', from: 'friend', address: '192.0.2.2' }), true);
        assert.equal(await put(queue, { to: 'z', from: 'spared' }), true);
        assert.equal(await put(queue, { ...ofAddress(3), realm: 'other' }), true);
        assert.equal((await queue.take('r', 'z')).length, 5);
        assert.equal(await countQueued(queue, 10, ofAddress), 3);
      },
      options,
    );
  }
}

function declareSharesOfAddresses(it: DeclareTest): void {
  const bounds: [title: string, options: Partial<Config>][] = [
    ['number', { maxQueued: 6 }],
    ['bytes', { maxQueuedBytes: 70_000 }],
  ];
  for (const [title, options] of bounds) {
    it(
      `leaves room for other signals beside those of one address: ${title}`,
      async ({ a: { queue } }) => {
        const mine = (i: number): Put => ({ to: `x${i}`, from: `s${i}`, address: '192.0.2.1', realm: `r${i % 2}` });
        assert.equal(await countQueued(queue, 10, mine), 3);
        assert.equal(await put(queue, { to: 'y', address: '192.0.2.2' }), true);
        assert.equal(await put(queue, { to: 'x0', from: 's0', address: '192.0.2.1', realm: 'r0' }), false);
        assert.equal((await queue.take('r0', 'x0')).length, 1);
        assert.equal(await countQueued(queue, 10, mine), 1);
        assert.equal(await queue.count(), 4);
      },
      { ...options, maxSharePerAddress: 50, maxSharePerSender: 100 },
    );
  }

  it(
    'releases a share when signals expire',
    async ({ a: { queue } }) => {
      const one = { to: 'x', address: '192.0.2.1' };
      assert.equal(await countQueued(queue, 3, () => one), 1);
      const expired: unknown[] = [];
      while (expired.length === 0) expired.push(...(await queue.expire()));
      assert.equal(await put(queue, one), true);
      assert.equal(await put(queue, { to: 'y', from: 't', address: '192.0.2.1' }), true);
      assert.equal(await put(queue, { to: 'z', from: 'u', address: '192.0.2.1' }), false);
    },
    { maxQueued: 20, maxQueuedPerTarget: 2, queueTtlMs: 50 },
  );
}
