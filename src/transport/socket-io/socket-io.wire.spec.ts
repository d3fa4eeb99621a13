import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server as Engine, type Socket as EngineSocket } from 'engine.io';
import { WebSocket } from 'ws';
import { DirectServer } from '../websocket/direct-server.js';
import { Flusher } from '../websocket/flusher.js';
import { EngineWebSocket } from './engine-websocket.js';
import type { SocketIoEvent } from './socket-io.packets.js';
import { SocketIoWire, type WireOwner } from './socket-io.wire.js';

const LIMITS = {
  maxFrameBytes: 10_000,
  maxBufferedBytes: 100_000,
  maxSharePerSender: 50,
  maxFragments: 4,
  frameBurst: 10,
};

/** What is asked of it, in order. */
class Owner implements WireOwner {
  readonly events: SocketIoEvent[] = [];
  readonly calls: string[] = [];
  hasJoined = false;
  bytesIn: number[] = [];
  bytesOut: number[] = [];

  admit(bytes: number): boolean {
    this.bytesIn.push(bytes);
    return true;
  }
  countOut(bytes: number): void {
    this.bytesOut.push(bytes);
  }
  received(event: SocketIoEvent): void {
    this.events.push(event);
  }
  joined(): void {
    this.hasJoined = true;
  }
  left(): void {
    this.calls.push('left');
  }
  violated(): void {
    this.calls.push('violated');
  }
  tooSlow(): void {
    this.calls.push('tooSlow');
  }
}

describe('SocketIoWire over a WebSocket', () => {
  let http: Server;
  let engine: EngineSocket;
  let wire: SocketIoWire;
  let owner: Owner;
  let client: WebSocket;
  let frames: (string | Buffer)[];
  /** What engine.io has seen of what has come. */
  let seen: unknown[];

  async function open(eio: number, pingInterval = 3_600_000): Promise<void> {
    http = createServer().listen(0, '127.0.0.1');
    await once(http, 'listening');
    const server = new Engine({
      allowEIO3: true,
      pingInterval,
      wsEngine: class extends DirectServer<typeof EngineWebSocket> {
        constructor() {
          super(EngineWebSocket, new Flusher(), LIMITS);
        }
      },
    });
    http.on('upgrade', (request, socket, head) => server.handleUpgrade(request, socket, head));
    owner = new Owner();
    seen = [];
    const connected = once(server, 'connection');
    const { port } = http.address() as AddressInfo;
    client = new WebSocket(`ws://127.0.0.1:${port}/?EIO=${eio}&transport=websocket`);
    frames = [];
    client.on('message', (data: Buffer, isBinary) => frames.push(isBinary ? data : data.toString()));
    [engine] = (await connected) as [EngineSocket];
    wire = new SocketIoWire(engine, owner, LIMITS);
    engine.on('packet', ({ type, data }: { type: string; data: unknown }) => seen.push(data ?? type));
    await once(client, 'open');
  }

  /** When everything that either side has said so far has come. */
  async function settled(): Promise<void> {
    client.ping();
    await once(client, 'pong');
    client.ping();
    await once(client, 'pong');
  }

  async function join(): Promise<void> {
    client.send('40');
    await settled();
    frames = [];
    seen = [];
  }

  afterEach(() => {
    client.terminate();
    http.close();
  });

  // These fail when engine.io changes where it keeps its WebSocket, or what it calls on it.
  it('reads events and acknowledgements without engine.io', async () => {
    await open(4);
    await join();
    client.send('4217["easyrtcCmd",{"a": 1.0}]');
    client.send('42["none"]');
    client.send('430[{"msgType":"ack"}]');
    await settled();
    expect(seen).toEqual([]);
    expect(owner.events).toEqual([
      { name: 'easyrtcCmd', body: { a: 1 }, ackId: '17', frame: expect.anything() as unknown },
      { name: 'none', body: undefined, ackId: undefined, frame: undefined },
    ]);
    expect(owner.events[0]?.frame?.raw('a')?.toString()).toBe('1.0');
    expect(owner.bytesIn.slice(-3)).toEqual([28, 9, 21]);
  });

  it('writes events and acknowledgements without engine.io, in order with its packets', async () => {
    await open(4);
    await join();
    const written: unknown[] = [];
    engine.on('packetCreate', ({ data }: { data: unknown }) => written.push(data));
    const bytes = Buffer.from([1, 2, 3]);
    wire.emit('one', '{"é":', Buffer.from('"€"'), '}');
    wire.emit('two', '{"_placeholder":true,"num":0}', undefined, '', [bytes]);
    wire.acknowledge('5', { msgType: 'ack' });
    wire.acknowledge('6', { data: bytes });
    wire.emit('three', '3');
    await settled();
    expect(frames).toEqual([
      '420["one",{"é":"€"}]',
      '451-1["two",{"_placeholder":true,"num":0}]',
      bytes,
      '435[{"msgType":"ack"}]',
      '461-6[{"data":{"_placeholder":true,"num":0}}]',
      bytes,
      '422["three",3]',
    ]);
    expect(written).toEqual([bytes, bytes]);
    expect(owner.bytesOut.slice(-7)).toEqual(frames.map((frame) => Buffer.byteLength(frame) - (typeof frame === 'string' ? 1 : 0))); // prettier-ignore
  });

  it('reads binary parts, and nothing between them', async () => {
    await open(4);
    await join();
    client.send('452-1["m",{"a":{"_placeholder":true,"num":1},"b":{"_placeholder":true,"num":0}}]');
    client.send(Buffer.from('x'));
    client.send(Buffer.from('y'));
    client.send('422["after"]');
    await settled();
    expect(owner.events).toEqual([
      { name: 'm', body: { a: Buffer.from('y'), b: Buffer.from('x') }, ackId: '1', frame: undefined },
      { name: 'after', body: undefined, ackId: '2', frame: undefined },
    ]);
    client.send('451-3["m",{"_placeholder":true,"num":0}]');
    client.send('424["between"]');
    await settled();
    expect(owner.events).toHaveLength(2);
    expect(owner.calls).toEqual(['violated']);
  });

  it('reports a sign of life to engine.io when asked', async () => {
    await open(4, 50);
    await join();
    while (!frames.includes('2')) await once(client, 'message');
    client.send('421["one"]');
    client.send('422["two"]');
    client.send('3');
    await settled();
    expect(seen).toEqual(['21["one"]', 'pong']);
    expect(owner.events.map(({ name }) => name)).toEqual(['one', 'two']);
  });

  it('greets an old client, and reads and writes its packets', async () => {
    await open(3);
    await settled();
    expect(frames[1]).toBe('40');
    client.send('420["m",{"a":1}]');
    await settled();
    wire.emit('n', '1', undefined, '', [Buffer.from('x')]);
    await settled();
    expect(owner.events).toMatchObject([{ name: 'm', body: { a: 1 }, ackId: '0' }]);
    // Binary packets of the old engine.io begin with their type.
    expect(frames.slice(2)).toEqual(['451-0["n",1]', Buffer.from('\x04x')]);
  });

  it.each([
    ['an event before it has joined', ['420["x"]']],
    ['joining twice', ['40', '40']],
    ['an error', ['40', '44{"message":"x"}']],
    ['what is no JSON', ['40', '421[']],
    ['what is no list', ['40', '421{}']],
    ['an event of no name', ['40', '421[null]']],
    ['an empty event', ['40', '421[]']],
    ['an unknown kind of packet', ['40', '49']],
    ['unexpected binary parts', ['40', Buffer.from('x')]],
    ['an event elsewhere', ['40', '42/admin,1["x"]']],
  ])('rejects %s', async (_, packets) => {
    await open(4);
    for (const packet of packets) client.send(packet);
    await settled();
    expect(owner.calls).toEqual(['violated']);
    expect(owner.events).toEqual([]);
  });

  it('refuses another namespace and stays connected', async () => {
    await open(4);
    client.send('40/admin,');
    await settled();
    expect(frames.at(-1)).toBe('44/admin,{"message":"Invalid namespace"}');
    await join();
    expect([owner.calls, owner.hasJoined]).toEqual([[], true]);
    expect(wire.isOpen).toBe(true);
  });

  it('reports a client that leaves', async () => {
    await open(4);
    await join();
    client.send('41');
    await settled();
    expect(owner.calls).toEqual(['left']);
  });
});
