import { Counters } from '../../../src/counters/counters.js';
import { Connections } from '../../../src/transport/lifecycle/connections.js';
import { FULL, ID_TAKEN, MISSING, OPEN, refusal, untilFree, WRONG_KEY } from '../../support/peerjs-handshake.js';
import { PeerJsSocket, until } from '../../support/peerjs-socket.js';
import { startServer } from '../../support/server.js';

describe('the limit of PeerJS clients', () => {
  it('is checked last', async () => {
    const server = await startServer({ concurrentLimit: 1 });
    await PeerJsSocket.open(server.wsUrl, 'alice');
    expect(await refusal(server, { query: 'key=peerjs&id=alice' })).toBe(MISSING);
    expect(await refusal(server, { key: 'wrong', id: 'bob' })).toBe(WRONG_KEY);
    expect(await refusal(server, { id: 'alice', token: 'other' })).toBe(ID_TAKEN);
    expect(await refusal(server, { id: 'bob' })).toBe(FULL);
  });

  it('counts connected ids only', async () => {
    const server = await startServer({ concurrentLimit: 2 });
    for (let i = 0; i < 5; i++) {
      const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
      const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
      expect(await refusal(server, { id: 'charly' })).toBe(FULL);
      expect(await refusal(server, { id: 'bob', token: 'other' })).toBe(ID_TAKEN);
      expect(await refusal(server, { query: 'id=x' })).toBe(MISSING);
      bob.ws.terminate();
      await untilFree(server, 'charly');
      alice.ws.terminate();
      await untilFree(server, 'doris');
      for (const connection of server.app.get(Connections, { strict: false })) connection.end('removed');
      await until(() => server.app.get(Connections, { strict: false }).size === 0);
    }
  });

  it('admits no client if it is 0', async () => {
    expect(await refusal(await startServer({ concurrentLimit: 0 }), { id: 'alice' })).toBe(FULL);
  });

  it('holds under concurrent connects', async () => {
    const server = await startServer({ concurrentLimit: 5 });
    const ids = Array.from({ length: 20 }, (_, i) => `peer ${i}`);
    const all = await Promise.all(ids.map((id) => PeerJsSocket.connect(server.wsUrl, { id })));
    const first = await Promise.all(all.map(async (socket) => socket.textOf(await socket.next())));
    expect(first.filter((text) => text === OPEN)).toHaveLength(5);
    expect(first.filter((text) => text === FULL)).toHaveLength(15);
  });

  it('lets a client replace its own connection, twenty times in a row', async () => {
    const server = await startServer({ concurrentLimit: 2, allowDiscovery: true });
    const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
    const all: PeerJsSocket[] = [];
    for (let i = 0; i < 20; i++) all.push(await PeerJsSocket.open(server.wsUrl, 'alice'));
    const [alice, ...old] = all.reverse();
    await Promise.all(old.map(({ closed }) => closed));
    bob.send({ type: 'CANDIDATE', dst: 'alice', payload: 0 });
    expect(await alice.rest()).toEqual([{ type: 'CANDIDATE', src: 'bob', dst: 'alice', payload: 0 }]);
    for (const socket of old) expect(socket.messages).toEqual([{ type: 'OPEN' }]);
    expect(await (await fetch(`${server.url}/peerjs/peers`)).json()).toEqual(['bob', 'alice']);
    expect(await refusal(server, { id: 'charly' })).toBe(FULL);
    await alice.close();
    expect(await untilFree(server, 'charly')).toBeLessThan(5000);
    expect(await refusal(server, { id: 'doris' })).toBe(FULL);
  });

  it('keeps queued messages when it rejects their target', async () => {
    const server = await startServer({ concurrentLimit: 2 });
    const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
    const charly = await PeerJsSocket.open(server.wsUrl, 'charly');
    alice.send({ type: 'OFFER', dst: 'bob' });
    await alice.rest();
    const refused = await PeerJsSocket.connect(server.wsUrl, { id: 'bob' });
    await refused.closed;
    expect(refused.messages.map(({ payload }) => payload)).toEqual([
      { msg: 'Server has reached its concurrent user limit' },
    ]);
    charly.send({ type: 'LEAVE' });
    await charly.closed;
    const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
    expect(await bob.rest()).toHaveLength(1);
  });
});

it('closes with 1009 after an OFFER above maxFrameBytes, and does not forward it', async () => {
  const server = await startServer();
  const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
  const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
  alice.send({ type: 'OFFER', dst: 'bob', payload: 'x'.repeat(1_048_576) });
  expect((await alice.closed).code).toBe(1009);
  expect(await bob.rest()).toEqual([]);
});

describe('the outgoing buffer of a PeerJS client', () => {
  it('disconnects a client that does not read before it exceeds 40 MB', async () => {
    const server = await startServer({
      maxBufferedBytes: 65_536,
      maxSharePerSender: 100,
      framesPerSecond: 1_000_000,
      frameBurst: 1_000_000,
    });
    const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
    const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
    bob.ws.pause();
    const before = process.memoryUsage().arrayBuffers;
    const ended = server.app.get(Counters, { strict: false }).endedConnections;
    let peak = 0;
    // The operating system buffers a few megabytes for bob, which do not count.
    for (let sent = 0; ended.get('too slow') === 0 && sent < 300; sent++) {
      alice.send({ type: 'OFFER', dst: 'bob', payload: 'x'.repeat(200_000) });
      await alice.rest();
      peak = Math.max(peak, process.memoryUsage().arrayBuffers);
    }
    expect(ended.get('too slow')).toBe(1);
    expect(peak - before).toBeLessThan(40_000_000);
    expect(await untilFree(server, 'bob')).toBeLessThan(5000);
    bob.ws.terminate();
  });
});
