import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { PeerJsSocket, until } from '../../support/peerjs-socket.js';
import { startServer, type TestServer } from '../../support/server.js';

const FOREVER_MS = 60_000;
const MIB = 1024 * 1024;
const UNBOUNDED = { framesPerSecond: 1_000_000, frameBurst: 1_000_000, maxBufferedBytes: 256 * MIB };

describe('memory of queued messages', () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const SLACK = 8 * MIB;

  function memoryInUse(): number {
    collectGarbage();
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  }

  /** Buffers are freed some turns of the event loop after the collection. */
  async function untilBackAt(bytes: number): Promise<void> {
    await until(() => memoryInUse() < bytes);
  }

  const open = (server: TestServer, id: string): Promise<PeerJsSocket> => PeerJsSocket.open(server.wsUrl, id);

  it('stays within the bound for 10,000 offers of 10 KB, and is freed after they expire', async () => {
    const maxQueuedBytes = 16 * MIB;
    const generous = { maxQueuedPerSender: 100_000, maxQueuedBytesPerSender: 1024 * MIB };
    const server = await startServer({ ...UNBOUNDED, ...generous, maxQueuedBytes, queueTtlMs: 6000, queueSweepMs: 50 });
    const alice = await open(server, 'alice');
    const payload = 'x'.repeat(10_240);
    alice.send({ type: 'OFFER', dst: 'alice', payload });
    await alice.next('OFFER');
    const before = memoryInUse();
    const returned = (): number => alice.messages.filter(({ type }) => type === 'EXPIRE').length;
    let mostQueued = 0;
    let peak = 0;
    for (let sent = 1; sent <= 10_000; sent++) {
      alice.send({ type: 'OFFER', dst: `absent ${sent}`, payload });
      if (sent % 500 !== 0) continue;
      await alice.rest();
      mostQueued = Math.max(mostQueued, sent - returned());
      peak = Math.max(peak, memoryInUse());
    }
    expect(mostQueued).toBeGreaterThan(1400);
    expect(mostQueued).toBeLessThanOrEqual(maxQueuedBytes / 10_240);
    expect(peak - before).toBeLessThan(maxQueuedBytes + SLACK);
    await until(() => returned() === 10_000, 15_000);
    alice.messages.length = 0;
    await alice.rest();
    await untilBackAt(before + SLACK);
  });

  it('includes small messages between large ones', async () => {
    const maxQueuedBytes = 8 * MIB;
    const generous = { maxQueuedPerTarget: 100_000, maxQueuedPerSender: 100_000, maxQueuedBytesPerSender: 64 * MIB };
    const bounds = { ...generous, maxQueuedBytesPerTarget: 64 * MIB, maxQueuedBytes, queueTtlMs: FOREVER_MS };
    const server = await startServer({ ...UNBOUNDED, ...bounds });
    const alice = await open(server, 'alice');
    const bob = await open(server, 'bob');

    /** Sends small messages from alice to `dst`, with large ones to bob between them. */
    async function send(dst: string): Promise<void> {
      for (let i = 0; i < 500; i++) {
        alice.send({ type: 'OFFER', dst, payload: i });
        for (let j = 0; j < 3; j++) alice.send({ type: 'OFFER', dst: 'bob', payload: 'x'.repeat(3500) });
      }
      for (const socket of [alice, bob]) {
        await socket.rest();
        socket.messages.length = 0;
      }
    }

    await send('alice');
    const before = memoryInUse();
    for (let i = 0; i < 12; i++) await send('absent');
    expect(memoryInUse() - before).toBeLessThan(maxQueuedBytes + SLACK);
  });

  it('includes the ids of the targets', async () => {
    const maxQueuedBytes = 2 * MIB;
    const server = await startServer({
      ...UNBOUNDED,
      maxQueuedBytes,
      maxQueuedPerSender: 100_000,
      queueTtlMs: FOREVER_MS,
    });
    const alice = await open(server, 'alice');
    const before = memoryInUse();
    for (let i = 0; i < 400; i++) {
      alice.send({ type: 'OFFER', dst: `${i} ${'x'.repeat(100_000)}` });
      await alice.rest();
      alice.messages.length = 0;
    }
    expect(memoryInUse() - before).toBeLessThan(maxQueuedBytes + SLACK);
  });
});
