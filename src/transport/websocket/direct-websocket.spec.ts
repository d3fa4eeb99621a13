import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { DirectServer } from './direct-server.js';
import { DirectWebSocket } from './direct-websocket.js';
import { Flusher } from './flusher.js';
import { textFrame } from './text-frame.js';

const LIMITS = {
  maxFrameBytes: 2000,
  maxBufferedBytes: 100_000,
  maxSharePerSender: 50,
  maxFragments: 4,
  frameBurst: 10,
};

/** Tells what came directly from what came through ws. */
class Recorder extends DirectWebSocket {
  readonly direct: string[] = [];
  readonly throughWs: string[] = [];

  onText: () => void = () => undefined;

  override receivedText(bytes: Buffer): void {
    this.direct.push(bytes.toString());
    this.onText();
  }

  record(): void {
    this.on('message', (data: Buffer) => this.throughWs.push(data.toString()));
    this.on('error', () => undefined);
  }

  say(text: string): void {
    this.writeFrame(textFrame(text));
  }
}

// These fail when ws changes how it reads from its socket, or Node how its sockets read.
describe('DirectWebSocket', () => {
  let http: Server;
  let client: WebSocket;
  let server: Recorder;
  let socket: Duplex;

  beforeEach(async () => {
    http = createServer().listen(0, '127.0.0.1');
    await once(http, 'listening');
    const recorders = new DirectServer(Recorder, new Flusher(), LIMITS);
    const connected = new Promise<void>((resolve) => {
      http.on('upgrade', (request, upgraded, head) => {
        socket = upgraded;
        recorders.handleUpgrade(request, upgraded, head, (recorder) => {
          server = recorder;
          recorder.record();
          resolve();
        });
      });
    });
    client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`, { perMessageDeflate: false });
    await Promise.all([connected, once(client, 'open')]);
  });

  afterEach(() => {
    client.terminate();
    http.close();
  });

  /** When everything that the client has sent so far is read. */
  async function settled(): Promise<void> {
    client.ping();
    await once(client, 'pong');
  }

  it('keeps the order of a flood across pauses', async () => {
    const sent = Array.from({ length: 20_000 }, (_, i) => `message ${i} ${'x'.repeat(i % 50)}`);
    server.onText = () => {
      if (server.direct.length % 777 !== 0) return;
      server.pause();
      setImmediate(() => server.resume());
      queueMicrotask(() => (server.direct.length % 2 ? server.resume() : server.pause()));
    };
    for (const text of sent) client.send(text);
    await settled();
    expect(server.direct.length + server.throughWs.length).toBe(sent.length);
    expect(server.direct).toEqual(sent.filter((text) => !server.throughWs.includes(text)));
    expect(server.direct.length).toBeGreaterThan(server.throughWs.length);
  });

  it('reads one chunk of a fast sender per event-loop turn', async () => {
    let inTurn = 0;
    let most = 0;
    server.onText = () => {
      if (inTurn++ === 0) setImmediate(() => (inTurn = 0));
      most = Math.max(most, inTurn);
    };
    for (let i = 0; i < 10_000; i++) client.send('x'.repeat(120));
    await settled();
    expect(server.direct.length).toBeGreaterThan(9000);
    // 32 KiB hold 260 of these frames; what a read leaves over may be handled before the next full chunk.
    expect(most).toBeLessThan(800);
  });

  it('reads text messages without ws', async () => {
    client.send('one');
    client.send('x'.repeat(2000));
    await settled();
    expect(server.direct).toEqual(['one', 'x'.repeat(2000)]);
    expect(server.throughWs).toEqual([]);
  });

  it('reads nothing through the stream of its socket', async () => {
    let chunks = 0;
    socket.on('data', () => chunks++);
    client.send('one');
    client.send(Buffer.from('binary'));
    await settled();
    expect(server.direct).toEqual(['one']);
    expect(server.throughWs).toEqual(['binary']);
    expect(chunks).toBe(0);
  });

  it('reads frames that arrive with the handshake', async () => {
    const first = Buffer.from([0x81, 0x83, 0, 0, 0, 0, ...Buffer.from('one')]);
    const second = Buffer.from([0x81, 0x83, 0, 0, 0, 0, ...Buffer.from('two')]);
    const { port } = http.address() as AddressInfo;
    const raw = connect(port, '127.0.0.1');
    const handshake =
      'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';
    raw.write(Buffer.concat([Buffer.from(handshake), first]));
    await once(raw, 'data');
    raw.end(Buffer.concat([second, Buffer.from([0x88, 0x80, 0, 0, 0, 0])]));
    await once(server, 'close');
    expect(server.direct).toEqual(['one', 'two']);
  });

  it('reads nothing while it is paused', async () => {
    const paused = server;
    paused.pause();
    client.send('one');
    // A later socket is served meanwhile.
    const other = new WebSocket(client.url);
    await once(other, 'open');
    other.terminate();
    expect(paused.direct).toEqual([]);
    paused.resume();
    await settled();
    expect(paused.direct).toEqual(['one']);
  });

  it('passes binary and fragmented messages to ws, and continues after them', async () => {
    client.send(Buffer.from('binary'));
    client.send('frag', { fin: false });
    client.send('ments', { fin: true });
    await settled();
    client.send('after');
    await settled();
    expect(server.throughWs).toEqual(['binary', 'fragments']);
    expect(server.direct).toEqual(['after']);
  });

  it.each([
    ['too long', 1009, () => client.send('x'.repeat(2001))],
    ['not UTF-8', 1007, () => client.send(Buffer.from([0xc3, 0x28]), { binary: false })],
    ['not masked', 1002, () => client.send('x', { mask: false })],
  ])('lets ws refuse %s, and reads nothing more', async (_, code, send) => {
    const closed = once(client, 'close');
    send();
    client.send('after');
    expect((await closed)[0]).toBe(code);
    expect(server.direct).toEqual([]);
  });

  it('answers the close frame of a client', async () => {
    const closed = once(client, 'close');
    client.close(4000, 'enough');
    expect((await closed)[0]).toBe(4000);
  });

  it('writes everything in order before its close frame', async () => {
    const messages: string[] = [];
    client.on('message', (data: Buffer) => messages.push(data.toString()));
    for (let i = 0; i < 20; i++) server.say(`message ${i}`);
    expect(server.waitingBytes).toBeGreaterThan(0);
    server.close(1000, 'bye');
    const [code] = (await once(client, 'close')) as [number];
    expect(code).toBe(1000);
    expect(messages).toEqual(Array.from({ length: 20 }, (_, i) => `message ${i}`));
    expect(server.waitingBytes).toBe(0);
  });

  it('ends a client that does not read', async () => {
    const closed = once(server, 'close');
    client.pause();
    const write = setInterval(() => {
      for (let i = 0; i < 100; i++) server.say('x'.repeat(10_000));
    }, 1);
    await closed;
    clearInterval(write);
  });
});
