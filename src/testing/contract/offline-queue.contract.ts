import assert from 'node:assert/strict';
import { RawJson } from '../../common/raw-json.js';
import type { Signal } from '../../common/signal.js';
import type { Config } from '../../config/config.js';
import type { OfflineQueue } from '../../signaling/offline-queue.js';
import { equal, includes, until } from './expectations.js';
import { describeQueueShares } from './queue-shares.contract.js';
import { type DeclareTest, describeSuite, type OpenNodes, type TestRunner } from './suite.js';

/** Declares the tests of OfflineQueue. */
export function describeOfflineQueue(runner: TestRunner, open: OpenNodes): void {
  describeSuite(runner, 'OfflineQueue', open, (it) => {
    declareQueueing(it);
    declareExpiry(it);
    declareBounds(it);
  });
  describeQueueShares(runner, open);
}

const signal = (from: string, payload: unknown): Signal => ({ kind: 'offer', from, payload: RawJson.of(payload) });
const payloads = (signals: readonly Signal[]): unknown[] => signals.map(({ payload }) => payload?.parse());

function declareQueueing(it: DeclareTest): void {
  it('returns queued signals once, in order', async ({ a, b }) => {
    for (let i = 0; i < 20; i++) {
      const { queue } = i % 2 ? b : a;
      assert.equal(await queue.put({ realm: 'r', to: 'x', signal: signal(`s${i % 3}`, i) }), true);
    }
    await a.queue.put({ realm: 'r', to: 'y', signal: signal('s', 'other') });
    await a.queue.put({ realm: 'other', to: 'x', signal: signal('s', 'other') });
    assert.equal(await b.queue.count(), 22);
    equal(payloads(await a.queue.take('r', 'x')), Array.from({ length: 20 }, (_, i) => i)); // prettier-ignore
    equal(await b.queue.take('r', 'x'), []);
    equal(payloads(await b.queue.take('r', 'y')), ['other']);
    assert.equal(await a.queue.count(), 1);
  });

  it('reports the memory of queued signals, unless they are kept elsewhere', async ({ a: { queue } }) => {
    const bytes = [queue.bytesHere];
    await queue.put({ realm: 'r', to: 'x', signal: signal('s', 'x'.repeat(10_000)) });
    bytes.push(queue.bytesHere);
    await queue.take('r', 'x');
    bytes.push(queue.bytesHere);
    const [before, queued = 0, after] = bytes;
    equal([before, after], [0, 0]);
    assert.ok(queued === 0 || queued > 10_000, `${queued} bytes`);
  });

  it('gives each signal to exactly one of several concurrent takes', async ({ a, b }) => {
    for (let i = 0; i < 20; i++) await a.queue.put({ realm: 'r', to: 'x', signal: signal('s', i) });
    const takes = Array.from({ length: 10 }, (_, i) => (i % 2 ? b : a).queue.take('r', 'x'));
    equal(payloads((await Promise.all(takes)).flat()), Array.from({ length: 20 }, (_, i) => i)); // prettier-ignore
  });

  it('returns a signal unchanged, even if its bytes are reused meanwhile', async ({ a: { queue } }) => {
    const [bytes, attachment] = [Buffer.from('{"a":1.50}'), Buffer.from([0, 255])];
    const rest = { kind: 'candidate', from: 's', type: 't', native: { protocol: 'p', text: 'n€' } } as const;
    const put = queue.put({
      realm: 'r',
      to: 'x',
      signal: { ...rest, payload: new RawJson(bytes), attachments: [attachment] },
    });
    bytes.fill(0);
    attachment.fill(7);
    await put;
    await queue.put({ realm: 'r', to: 'x', signal: { kind: 'offer', from: 's' } });
    const [first, second] = await queue.take('r', 'x');
    includes(first, rest);
    assert.equal(first?.payload?.toString(), '{"a":1.50}');
    assert.equal(first.attachments?.map((part) => part.toString('hex')).join(), '00ff');
    assert.equal(second?.payload, undefined);
  });
}

function declareExpiry(it: DeclareTest): void {
  it(
    'expires each signal after its own time, and names each pair once',
    async ({ a: { queue } }) => {
      await queue.put({ realm: 'r', to: 'c', signal: signal('a_b', 1) });
      await queue.put({ realm: 'r', to: 'c', signal: signal('a_b', 2) });
      await queue.put({ realm: 'r', to: 'b_c', signal: signal('a', 3) });
      await queue.put({ realm: 'r', to: '__proto__', signal: signal('__proto__', 4) });
      const early = performance.now();
      equal(await queue.expire(), []);
      await until(() => performance.now() - early > 600);
      await queue.put({ realm: 'r', to: 'c', signal: signal('late', 5) });
      const late = performance.now();
      await until(() => performance.now() - early > 1050);
      equal(payloads(await queue.take('r', 'b_c')), []);
      equal(await queue.expire(), [
        { realm: 'r', from: 'a_b', to: 'c' },
        { realm: 'r', from: 'a', to: 'b_c' },
        { realm: 'r', from: '__proto__', to: '__proto__' },
      ]);
      equal(payloads(await queue.take('r', 'c')), [5]);
      await until(() => performance.now() - late > 1050);
      equal(await queue.expire(), []);
    },
    { queueTtlMs: 1000 },
  );

  it(
    'reports an expired pair to exactly one of several nodes',
    async ({ a, b }) => {
      for (const to of ['x', 'y', 'z']) await a.queue.put({ realm: 'r', to, signal: signal('s', 1) });
      const expired: unknown[] = [];
      while ((await a.queue.count()) > 0)
        expired.push(...(await Promise.all([a.queue.expire(), b.queue.expire()])).flat());
      equal(expired, ['x', 'y', 'z'].map((to) => ({ realm: 'r', from: 's', to }))); // prettier-ignore
    },
    { queueTtlMs: 50 },
  );
}

function declareBounds(it: DeclareTest): void {
  const bounds: [title: string, options: Partial<Config>][] = [
    ['target', { maxQueuedPerTarget: 3, maxSharePerSender: 100 }],
    ['sender', { maxQueuedPerSender: 3 }],
    ['server', { maxQueued: 3 }],
    ['target, in bytes', { maxQueuedBytesPerTarget: 35_000, maxSharePerSender: 100 }],
    ['sender, in bytes', { maxQueuedBytesPerSender: 35_000 }],
    ['server, in bytes', { maxQueuedBytes: 35_000 }],
  ];
  for (const [title, options] of bounds) {
    it(
      `bounds the signals of one ${title}`,
      async ({ a, b }) => {
        const put = (queue: OfflineQueue) =>
          queue.put({ realm: 'r', to: 'x', signal: signal('s', 'x'.repeat(10_000)) });
        const results = [await put(a.queue), await put(b.queue), await put(a.queue), await put(b.queue)];
        equal(results, [true, true, true, false]);
        assert.equal((await a.queue.take('r', 'x')).length, 3);
        assert.equal(await put(b.queue), true);
      },
      options,
    );
  }
}
