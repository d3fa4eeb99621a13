import { jest } from '@jest/globals';
import { ClientsService } from '../../../src/clients/clients.service.js';
import type { Config } from '../../../src/config/config.js';
import { OfflineQueue } from '../../../src/signaling/offline-queue.js';
import { type PeerJsMessage, PeerJsSocket, until } from '../../support/peerjs-socket.js';
import { startServer, type TestServer } from '../../support/server.js';

const FOREVER_MS = 60_000;
const MIB = 1024 * 1024;
const UNBOUNDED = { framesPerSecond: 1_000_000, frameBurst: 1_000_000, maxBufferedBytes: 256 * MIB };

const servers: TestServer[] = [];

async function start(options: Partial<Config> = {}): Promise<TestServer> {
  const server = await startServer(options);
  servers.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const expired = (src: string, dst = 'alice'): PeerJsMessage => ({ type: 'EXPIRE', src, dst });
const payloadsOf = (messages: readonly PeerJsMessage[]): unknown[] => messages.map(({ payload }) => payload);
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Waits for real time to pass, as the tests measure it. */
const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('messages for an absent PeerJS client', () => {
  it('are queued and delivered once, in order, after OPEN', async () => {
    const server = await start();
    const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
    const charly = await PeerJsSocket.open(server.wsUrl, 'charly');
    alice.send('{"type":"OFFER","dst":"bob","payload":{ "n" : 1.50 },"src":"mallory","more":1}');
    alice.send({ type: 'CANDIDATE', dst: 'bob', payload: null });
    alice.send({ type: 'ANSWER', dst: 'bob' });
    expect(await alice.rest()).toEqual([]);
    charly.send({ type: 'OFFER', dst: 'bob', payload: 'from charly' });
    expect(await charly.rest()).toEqual([]);

    const bob = await PeerJsSocket.connect(server.wsUrl, { id: 'bob' });
    expect((await bob.nextOnes(5)).map((message) => bob.textOf(message))).toEqual([
      '{"type":"OPEN"}',
      '{"type":"OFFER","src":"alice","dst":"bob","payload":{ "n" : 1.50 }}',
      '{"type":"CANDIDATE","src":"alice","dst":"bob","payload":null}',
      '{"type":"ANSWER","src":"alice","dst":"bob"}',
      '{"type":"OFFER","src":"charly","dst":"bob","payload":"from charly"}',
    ]);
    expect(await bob.rest()).toEqual([]);
    const again = await PeerJsSocket.open(server.wsUrl, 'bob');
    expect(await again.rest()).toEqual([]);
    expect(await alice.rest()).toEqual([]);
  });

  it('are delivered even if the sender has disconnected', async () => {
    const server = await start();
    const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
    alice.send({ type: 'OFFER', dst: 'bob', payload: 1 });
    alice.send({ type: 'LEAVE' });
    await alice.closed;
    const other = await PeerJsSocket.open(server.wsUrl, { id: 'alice', token: 'another' });
    const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
    expect(await bob.rest()).toEqual([{ type: 'OFFER', src: 'alice', dst: 'bob', payload: 1 }]);
    expect(await other.rest()).toEqual([]);
  });

  it('are queued for a client that has left and reconnects', async () => {
    const server = await start();
    const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
    const before = await PeerJsSocket.open(server.wsUrl, 'bob');
    before.send({ type: 'LEAVE' });
    await before.closed;
    alice.send({ type: 'OFFER', dst: 'bob', payload: 1 });
    await alice.rest();
    const bob = await PeerJsSocket.open(server.wsUrl, { id: 'bob', token: 'another' });
    expect(payloadsOf(await bob.rest())).toEqual([1]);
  });

  it('are dropped if they are LEAVE or EXPIRE', async () => {
    const server = await start({ queueTtlMs: 100, queueSweepMs: 20 });
    const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
    alice.send({ type: 'LEAVE', dst: 'bob' });
    alice.send({ type: 'EXPIRE', dst: 'bob' });
    alice.send({ type: 'LEAVE', dst: 'nobody', payload: 1 });
    alice.send({ type: 'OFFER', dst: 'somebody' });
    expect(await alice.rest()).toEqual([]);
    const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
    expect(await bob.rest()).toEqual([]);
    // Only the later OFFER expires; anything earlier would have expired before it.
    expect(await alice.next()).toEqual(expired('somebody'));
    expect(await alice.rest()).toEqual([]);
  });

  it.each(['__proto__', 'constructor', 'toString', 'a b', '["x","y"]', 'quote"\\', '😀'])(
    'are queued to and from the id %s',
    async (id) => {
      const server = await start({ queueTtlMs: 400, queueSweepMs: 20 });
      const odd = await PeerJsSocket.open(server.wsUrl, id);
      odd.send({ type: 'OFFER', dst: 'nobody' });
      odd.send({ type: 'OFFER', dst: 'hasOwnProperty' });
      odd.send({ type: 'OFFER', dst: 'bob', payload: 1 });
      expect(await odd.rest()).toEqual([]);
      const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
      expect(await bob.rest()).toEqual([{ type: 'OFFER', src: id, dst: 'bob', payload: 1 }]);
      const both = await odd.nextOnes(2);
      expect(both).toEqual(expect.arrayContaining([expired('nobody', id), expired('hasOwnProperty', id)]));
      odd.send({ type: 'LEAVE' });
      await odd.closed;
      bob.send({ type: 'OFFER', dst: id, payload: 2 });
      await bob.rest();
      const again = await PeerJsSocket.open(server.wsUrl, { id, token: 'another' });
      expect(await again.rest()).toEqual([{ type: 'OFFER', src: 'bob', dst: id, payload: 2 }]);
    },
  );
});

describe('expired PeerJS messages', () => {
  it('return as EXPIRE without payload after queueTtlMs', async () => {
    const server = await start({ queueTtlMs: 300, queueSweepMs: 20 });
    const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
    const since = performance.now();
    alice.send({ type: 'OFFER', dst: 'bob', payload: { sdp: 'x' } });
    const message = await alice.next();
    const elapsed = performance.now() - since;
    expect(alice.textOf(message)).toBe('{"type":"EXPIRE","src":"bob","dst":"alice"}');
    expect(elapsed).toBeGreaterThan(295);
    expect(elapsed).toBeLessThan(800);
    const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
    expect(await bob.rest()).toEqual([]);
    expect(await alice.rest()).toEqual([]);
  });

  it('are collected every queueSweepMs', async () => {
    const sweepMs = 400;
    const server = await start({ queueTtlMs: 1, queueSweepMs: sweepMs });
    const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
    const times: number[] = [];
    for (let i = 0; i < 3; i++) {
      alice.send({ type: 'OFFER', dst: 'bob' });
      expect(await alice.next()).toEqual(expired('bob'));
      times.push(performance.now());
    }
    for (const i of [1, 2]) {
      expect(times[i] - times[i - 1]).toBeGreaterThan(sweepMs / 2);
      expect(times[i] - times[i - 1]).toBeLessThan(sweepMs * 2);
    }
  });

  it('expire individually', async () => {
    const server = await start({ queueTtlMs: 700, queueSweepMs: 10 });
    const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
    alice.send({ type: 'OFFER', dst: 'bob', payload: 'early' });
    await alice.rest();
    await pass(400);
    alice.send({ type: 'OFFER', dst: 'bob', payload: 'late' });
    expect(await alice.next()).toEqual(expired('bob'));
    const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
    expect(payloadsOf(await bob.rest())).toEqual(['late']);
  });

  it('return once for each pair of sender and target', async () => {
    const server = await start({ queueTtlMs: 1, queueSweepMs: 300 });
    const pairs = [
      ['a_b', 'c'],
      ['a', 'b_c'],
      ['a_b', 'c_d'],
      ['a', 'c'],
    ];
    const senders = new Map<string, PeerJsSocket>();
    for (const id of ['a_b', 'a']) senders.set(id, await PeerJsSocket.open(server.wsUrl, id));
    // Right after a sweep, so that the next one covers all messages.
    senders.get('a')?.send({ type: 'OFFER', dst: 'nobody' });
    await senders.get('a')?.next('EXPIRE');
    for (const [from, dst] of [...pairs, ...pairs, ...pairs]) senders.get(from)?.send({ type: 'CANDIDATE', dst });
    for (const [id, sender] of senders) {
      const own = pairs.filter(([from]) => from === id);
      expect(await sender.nextOnes(2)).toEqual(own.map(([, dst]) => expired(dst, id)));
    }
    for (const [id, sender] of senders) {
      sender.send({ type: 'OFFER', dst: 'last' });
      expect(await sender.next()).toEqual(expired('last', id));
      expect(await sender.rest()).toEqual([]);
    }
  });

  it('return to the current owner of the sender’s id, or are dropped without one', async () => {
    const server = await start({ queueTtlMs: 500, queueSweepMs: 20 });
    const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
    const charly = await PeerJsSocket.open(server.wsUrl, 'charly');
    charly.send({ type: 'OFFER', dst: 'bob' });
    charly.send({ type: 'LEAVE' });
    await charly.closed;
    alice.send({ type: 'OFFER', dst: 'bob' });
    await alice.rest();
    const again = await PeerJsSocket.open(server.wsUrl, 'alice');
    expect(await again.next()).toEqual(expired('bob'));
    again.send({ type: 'OFFER', dst: 'bob' });
    expect(await again.next()).toEqual(expired('bob'));
  });

  it('are never delivered, even if they expire between two sweeps', async () => {
    const server = await start({ queueTtlMs: 50, queueSweepMs: 600 });
    const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
    alice.send({ type: 'OFFER', dst: 'charly' });
    await alice.next('EXPIRE');
    // A sweep has just run.
    alice.send({ type: 'OFFER', dst: 'bob' });
    await alice.rest();
    await pass(100);
    const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
    expect(await alice.next()).toEqual(expired('bob'));
    expect(await bob.rest()).toEqual([]);
  });
});

describe('messages to a full queue', () => {
  /** Large enough to make the overhead of a message negligible; three fit into the bound. */
  const LARGE = 'x'.repeat(16_384);
  const THREE_LARGE = 3.5 * LARGE.length;

  /** Sends payloads to absent clients and resolves with the targets that expire at once. */
  async function send(sender: PeerJsSocket, dsts: string[], payload: unknown = 1): Promise<(string | undefined)[]> {
    for (const dst of dsts) sender.send({ type: 'OFFER', dst, payload });
    const messages = await sender.rest();
    for (const message of messages) expect(message).toEqual(expired(message.src ?? '', sender.id));
    return messages.map(({ src }) => src);
  }

  const open = (server: TestServer, id: string): Promise<PeerJsSocket> => PeerJsSocket.open(server.wsUrl, id);

  it.each([
    ['messages', { maxQueuedPerTarget: 3, maxSharePerSender: 100 }, 1],
    ['bytes', { maxQueuedBytesPerTarget: THREE_LARGE, maxSharePerSender: 100 }, LARGE],
  ])('are rejected with EXPIRE above the limit per target: %s', async (_, bound, payload) => {
    const server = await start({ queueTtlMs: FOREVER_MS, ...bound });
    const alice = await open(server, 'alice');
    const charly = await open(server, 'charly');
    expect(await send(alice, ['bob', 'bob', 'bob', 'bob', 'bob'], payload)).toEqual(['bob', 'bob']);
    expect(await send(charly, ['bob', 'doris'], payload)).toEqual(['bob']);
    expect(await send(alice, ['doris'], payload)).toEqual([]);
    const bob = await open(server, 'bob');
    expect(await bob.rest()).toHaveLength(3);
    bob.send({ type: 'LEAVE' });
    await bob.closed;
    expect(await send(charly, ['bob', 'bob', 'bob', 'bob'], payload)).toEqual(['bob']);
  });

  it.each([
    ['messages', { maxQueuedPerSender: 3 }, 1],
    ['bytes', { maxQueuedBytesPerSender: THREE_LARGE }, LARGE],
  ])('are rejected with EXPIRE above the limit per sender: %s', async (_, bound, payload) => {
    const server = await start({ queueTtlMs: FOREVER_MS, ...bound });
    const alice = await open(server, 'alice');
    const charly = await open(server, 'charly');
    expect(await send(alice, ['a', 'b', 'c', 'd', 'a'], payload)).toEqual(['d', 'a']);
    expect(await send(charly, ['a', 'b', 'c', 'd'], payload)).toEqual(['d']);
    await (await open(server, 'b')).rest();
    expect(await send(alice, ['d', 'e'], payload)).toEqual(['e']);
  });

  it.each([
    ['messages', { maxQueued: 3 }, 1],
    ['bytes', { maxQueuedBytes: THREE_LARGE }, LARGE],
  ])('are rejected with EXPIRE above the total limit: %s', async (_, bound, payload) => {
    const server = await start({ queueTtlMs: FOREVER_MS, ...bound });
    const alice = await open(server, 'alice');
    const charly = await open(server, 'charly');
    expect(await send(alice, ['a', 'b'], payload)).toEqual([]);
    expect(await send(charly, ['c', 'd'], payload)).toEqual(['d']);
    expect(await send(alice, ['a'], payload)).toEqual(['a']);
    await (await open(server, 'a')).rest();
    expect(await send(charly, ['d', 'e'], payload)).toEqual(['e']);
  });

  it.each(['maxQueued', 'maxQueuedPerSender', 'maxQueuedPerTarget'] as const)(
    'are rejected with EXPIRE if %s is 0',
    async (name) => {
      const server = await start({ queueTtlMs: FOREVER_MS, [name]: 0 });
      expect(await send(await open(server, 'alice'), ['bob', 'bob', 'doris'])).toEqual(['bob', 'bob', 'doris']);
    },
  );

  it('are queued again after others have expired', async () => {
    const server = await start({ queueTtlMs: 100, queueSweepMs: 20, maxQueued: 2 });
    const alice = await open(server, 'alice');
    expect(await send(alice, ['a', 'b', 'c'])).toEqual(['c']);
    await alice.nextOnes(2);
    expect(await send(alice, ['a', 'b', 'c'])).toEqual(['c']);
  });

  it('do not block smaller messages', async () => {
    const bounds = { maxQueuedBytesPerTarget: 1.5 * LARGE.length, maxSharePerSender: 100 };
    const server = await start({ queueTtlMs: FOREVER_MS, ...bounds });
    const alice = await open(server, 'alice');
    expect(await send(alice, ['bob'], LARGE)).toEqual([]);
    expect(await send(alice, ['bob'], LARGE)).toEqual(['bob']);
    expect(await send(alice, ['bob'], 'small')).toEqual([]);
  });
});

describe('messages sent while their target connects', () => {
  it('follow the queued messages without loss', async () => {
    const server = await start({
      ...UNBOUNDED,
      queueTtlMs: FOREVER_MS,
      maxQueuedPerSender: 10_000,
      maxQueuedPerTarget: 10_000,
    });
    const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
    for (let round = 0; round < 20; round++) {
      const id = `bob ${round}`;
      let connecting: Promise<PeerJsSocket> | undefined;
      for (let i = 0; i < 200; i++) {
        alice.send({ type: 'CANDIDATE', dst: id, payload: i });
        if (i === 50) connecting = PeerJsSocket.connect(server.wsUrl, { id });
        if (i % 5 === 0) await new Promise(setImmediate);
      }
      const bob = await connecting!;
      const [first, ...others] = await bob.nextOnes(201);
      expect(first).toEqual({ type: 'OPEN' });
      expect(payloadsOf(others)).toEqual(numbers(200));
      expect(await bob.rest()).toEqual([]);
    }
    expect(await alice.rest()).toEqual([]);
  });

  it('follow the queued messages even if the queue is slow', async () => {
    const server = await start();
    const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
    for (const payload of [0, 1, 2]) alice.send({ type: 'OFFER', dst: 'bob', payload });
    await alice.rest();
    let letGo = (): void => undefined;
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    for (const queue of server.everywhere(OfflineQueue)) {
      const take = queue.take.bind(queue);
      jest.spyOn(queue, 'take').mockImplementation(async (realm, to) => {
        const signals = await take(realm, to);
        await gate;
        return signals;
      });
    }
    const opening = PeerJsSocket.open(server.wsUrl, 'bob');
    await until(() => server.everywhere(ClientsService).reduce((sum, { countHere }) => sum + countHere, 0) === 2);
    for (const payload of [3, 4, 5]) alice.send({ type: 'OFFER', dst: 'bob', payload });
    alice.send({ type: 'LEAVE', dst: 'bob', payload: 6 });
    expect(await alice.rest()).toEqual([]);
    letGo();
    const bob = await opening;
    expect(payloadsOf(await bob.rest())).toEqual(numbers(7));
  });
});
