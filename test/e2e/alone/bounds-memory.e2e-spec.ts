import { WebSocket } from 'ws';
import type { Config } from '../../../src/config/config.js';
import { Counters } from '../../../src/counters/counters.js';
import { becomes } from '../../support/becomes.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { PeerJsSocket, upgradeStatus } from '../../support/peerjs-socket.js';
import { dial, requestOf, UPGRADE } from '../../support/raw-http.js';
import { startServer, type TestServer } from '../../support/server.js';

/** The server checks for stalled messages ten times a second. */
const ATTENTIVE = { pingIntervalMs: 2000, deadAfterMs: 60_000 };
const UNPACED = { framesPerSecond: 1_000_000, frameBurst: 1_000_000 };

let server: TestServer;

async function start(options: Partial<Config> = {}): Promise<void> {
  server = await startServer({ ...ATTENTIVE, ...options });
}

const ended = () => server.app.get(Counters, { strict: false }).endedConnections;
const beginOf = (bytes: number) => Buffer.alloc(bytes, 'x');

/** Returns the WebSocket below a socket.io client. */
const webSocketOf = ({ socket }: EasyRtcClient) => (socket.io.engine.transport as unknown as { ws: WebSocket }).ws;

describe('stallTimeoutMs', () => {
  const begin = (socket: WebSocket) => socket.send(beginOf(1000), { fin: false, binary: false });

  it('closes a Connector client with an unfinished message with 1008, even if it sends pings', async () => {
    await start({ stallTimeoutMs: 500 });
    const [ann, bob] = await ConnectorClient.connectMany(2, server.wsUrl);
    begin(ann.socket);
    const pings = setInterval(() => ann.socket.ping(), 50);
    expect(await ann.closed).toEqual({ code: 1008, reason: 'message timeout' });
    clearInterval(pings);
    expect(await bob.drain()).toEqual([]);
    expect(ended().entries()).toEqual([['message timeout', 1]]);
  });

  it('closes a client that has sent only the start of a frame', async () => {
    await start({ stallTimeoutMs: 500 });
    const socket = await dial(server.port);
    const upgrade = requestOf('/', UPGRADE);
    socket.write(Buffer.concat([Buffer.from(upgrade), Buffer.from([0x81, 0xfe, 1, 0, 0, 0, 0, 0, 0x7b])]));
    socket.resume();
    await becomes(() => ended().get('message timeout'), 1);
  });

  it('closes a PeerJS client with an unfinished message', async () => {
    await start({ stallTimeoutMs: 500 });
    const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
    begin(alice.ws);
    expect((await alice.closed).code).toBe(1008);
  });

  it.each(['websocket', 'polling'])(
    'disconnects an EasyRTC client with an unfinished message: %s',
    async (transport) => {
      await start({ stallTimeoutMs: 500 });
      const ann = await EasyRtcClient.login(server.url, {}, { transports: [transport] });
      if (transport === 'websocket') begin(webSocketOf(ann));
      else {
        const socket = await dial(server.port);
        const path = `/socket.io/?EIO=4&transport=polling&sid=${ann.socket.io.engine.id}`;
        socket.write(`${requestOf(path, { 'Content-Length': '5000', 'Content-Type': 'text/plain' }, 'POST')}42["`);
      }
      await ann.closed;
      expect(ended().get('message timeout')).toBe(1);
    },
  );

  it('keeps a client that finishes other messages while one arrives slowly', async () => {
    await start({ stallTimeoutMs: 500 });
    const [ann, bob] = await ConnectorClient.connectMany(2, server.wsUrl);
    const text = Buffer.from(JSON.stringify({ event: 'Message', to: bob.id, data: 'hello' }));
    for (let i = 0; i < 8; i++) {
      ann.socket.send(text.subarray(0, 10), { fin: false, binary: false });
      ann.socket.ping();
      await new Promise((resolve) => setTimeout(resolve, 150));
      ann.socket.send(text.subarray(10), { fin: true, binary: false });
      await bob.next('Message');
    }
    expect(ended().entries()).toEqual([]);
  });
});

describe('maxHeldBytes', () => {
  const MIB = 1_048_576;

  it('disconnects the clients that hold most, rejects new ones with 503 meanwhile, and keeps the others', async () => {
    await start({ maxHeldBytes: 3 * MIB });
    const [bystander, small] = await ConnectorClient.connectMany(2, server.wsUrl);
    small.socket.send(beginOf(100_000), { fin: false, binary: false });
    const holders = await ConnectorClient.connectMany(6, server.wsUrl);
    const statuses: number[] = [];
    for (const { socket } of holders) socket.send(beginOf(1_000_000), { fin: false, binary: false });
    const refused = (async () => {
      while (!statuses.includes(503)) statuses.push(await upgradeStatus(server.url, '/'));
    })();
    await becomes(() => ended().get('memory exceeded') > 0, true);
    await refused;
    await becomes(() => ended().get('memory exceeded'), 3);
    const codes = await Promise.race(holders.map(({ closed }) => closed));
    expect(codes.code).toBe(1013);
    expect(await bystander.drain()).toEqual([]);
    expect(small.socket.readyState).toBe(WebSocket.OPEN);
    await becomes(() => upgradeStatus(server.url, '/'), 101);
  });

  it('counts data that waits to be written', async () => {
    await start({ ...UNPACED, maxHeldBytes: 4 * MIB, maxBufferedBytes: 64 * MIB, maxSharePerSender: 100 });
    const [slow, ann, bystander] = await ConnectorClient.connectMany(3, server.wsUrl);
    slow.socket.pause();
    const data = 'x'.repeat(500_000);
    for (let i = 0; i < 100 && ended().get('memory exceeded') === 0; i++) {
      ann.send({ event: 'Message', to: slow.id, data });
      await ann.drain();
    }
    await becomes(() => ended().entries(), [['memory exceeded', 1]]);
    expect(await bystander.drain()).toEqual([]);
    slow.terminate();
  });

  it('counts the API fields of clients', async () => {
    await start({ ...UNPACED, maxHeldBytes: 13_000 });
    const bob = await EasyRtcClient.login(server.url);
    for (let i = 0; i < 5; i++) {
      const client = await EasyRtcClient.login(server.url);
      const field = { note: { fieldName: 'note', fieldValue: 'x'.repeat(3000) } };
      await client
        .command('setRoomApiField', { setRoomApiField: { roomName: 'default', field } })
        .catch(() => undefined);
    }
    await becomes(() => ended().get('memory exceeded'), 1);
    expect(bob.socket.connected).toBe(true);
  });

  it('counts queued signals to absent clients', async () => {
    await start({ maxHeldBytes: 100_000, queueTtlMs: 1000, queueSweepMs: 100 });
    const alice = await PeerJsSocket.open(server.wsUrl, 'alice');
    alice.send({ type: 'OFFER', dst: 'nobody', payload: 'x'.repeat(150_000) });
    await becomes(() => upgradeStatus(server.url, '/'), 503);
    await alice.next('EXPIRE');
    await becomes(() => upgradeStatus(server.url, '/'), 101);
    await alice.close();
  });
});
