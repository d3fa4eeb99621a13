import { once } from 'node:events';
import { WebSocket } from 'ws';
import { ClientsService } from '../../../src/clients/clients.service.js';
import type { Config } from '../../../src/config/config.js';
import { Counters } from '../../../src/counters/counters.js';
import { borrowServer } from '../../support/borrowed-server.js';
import { PeerJsSocket, until } from '../../support/peerjs-socket.js';
import type { TestServer } from '../../support/server.js';

const RELAYED = ['OFFER', 'ANSWER', 'CANDIDATE', 'LEAVE', 'EXPIRE'];

let server: TestServer;
let rejectedBefore: number;
let alice: PeerJsSocket;
let bob: PeerJsSocket;

async function start(options: Partial<Config> = {}): Promise<void> {
  server = await borrowServer(options);
  rejectedBefore = allRejected();
  alice = await PeerJsSocket.open(server.wsUrl, 'alice');
  bob = await PeerJsSocket.open(server.wsUrl, 'bob');
}

beforeEach(() => start());

const allRejected = (): number =>
  server
    .everywhere(Counters)
    .flatMap(({ rejectedFrames }) => [...rejectedFrames.entries()])
    .reduce((sum, [, count]) => sum + count, 0);

/** Number of frames rejected since the test began. */
const rejected = (): number => allRejected() - rejectedBefore;

describe('a message to a connected PeerJS client', () => {
  const PAYLOADS = [
    '{"sdp":{"type":"offer","sdp":"v=0\\r\\n"},"type":"data","connectionId":"dc_1","reliable":false}',
    '"text"',
    '""',
    '1.50',
    '12345678901234567890',
    '-0',
    '1E+400',
    'true',
    'false',
    'null',
    '[]',
    '{}',
    '[1, 2,\n\t{ "a" : [ ] } ]',
    '{"__proto__":{"a":1},"constructor":2,"src":"nested","dst":"nested"}',
    '"\\u00e9\\ud83d\\ude00 \\/ é😀\u2028"',
    '"a lone \\ud800"',
    '{"a":1,"a":2}',
  ];

  it.each(RELAYED)('%s preserves the text of any payload', async (type) => {
    for (const payload of PAYLOADS) {
      alice.send(`{"type":"${type}","payload":${payload},"dst":"bob"}`);
      const message = await bob.next();
      expect(bob.textOf(message)).toBe(`{"type":"${type}","src":"alice","dst":"bob","payload":${payload}}`);
      expect(message.payload).toEqual(JSON.parse(payload));
    }
    expect(await alice.rest()).toEqual([]);
    expect(await bob.rest()).toEqual([]);
  });

  it.each(RELAYED)('%s without a payload arrives without a payload', async (type) => {
    alice.send({ type, dst: 'bob' });
    expect(bob.textOf(await bob.next())).toBe(`{"type":"${type}","src":"alice","dst":"bob"}`);
  });

  it('may be large and deeply nested', async () => {
    for (const payload of [JSON.stringify('x'.repeat(1_000_000)), '['.repeat(50_000) + ']'.repeat(50_000)]) {
      alice.send(`{"type":"OFFER","dst":"bob","payload":${payload}}`);
      const text = bob.textOf(await bob.next());
      expect(text === `{"type":"OFFER","src":"alice","dst":"bob","payload":${payload}}`).toBe(true);
    }
  });

  it('arrives at lengths around every limit of the frame header', async () => {
    for (const length of [1, 69, 70, 71, 72, 73, 74, 75, 65_470, 65_480, 65_481, 65_482, 65_483, 65_490, 65_540]) {
      alice.send({ type: 'OFFER', dst: 'bob', payload: 'x'.repeat(length) });
      expect((await bob.next()).payload).toHaveLength(length);
    }
  });

  it('has no other members', async () => {
    alice.send({
      type: 'OFFER',
      dst: 'bob',
      payload: 1,
      extra: 2,
      connectionId: 3,
      to: 'bob',
      event: 'Offer',
      room: 'r',
    });
    expect(await bob.next()).toEqual({ type: 'OFFER', src: 'alice', dst: 'bob', payload: 1 });
  });

  it.each([
    '{"type":"OFFER","src":"mallory","dst":"bob"}',
    '{"src":"mallory","type":"OFFER","dst":"bob","src":"charly"}',
    '{"type":"OFFER","dst":"bob","s\\u0072c":"mallory"}',
    '{"type":"OFFER","dst":"bob","src":null}',
    '{"type":"OFFER","dst":"bob","__proto__":{"src":"mallory"}}',
    '{"type":"OFFER","dst":"bob","src":"alice\\",\\"src\\":\\"mallory"}',
  ])('carries the real sender: %s', async (text) => {
    alice.send(text);
    expect(bob.textOf(await bob.next())).toBe('{"type":"OFFER","src":"alice","dst":"bob"}');
  });

  it.each([
    ['{"type":"OFFER","dst":"charly","dst":"bob","payload":1,"payload":2}', 2],
    ['{"type":"ERROR","type":"OFFER","dst":"bob","payload":2}', 2],
    ['{"t\\u0079pe":"OFF\\u0045R","\\u0064st":"b\\u006fb","payl\\u006fad":3}', 3],
    [' \n\t{ "type" : "OFFER" , "dst" : "bob" , "payload" : 4 } \r\n', 4],
    ['{"payload":5,"dst":"bob","type":"OFFER"}', 5],
  ])('is parsed like JSON: %s', async (text, payload) => {
    alice.send(text);
    expect(await bob.next()).toEqual({ type: 'OFFER', src: 'alice', dst: 'bob', payload });
  });

  it.each(RELAYED)('may target the sender itself: %s', async (type) => {
    alice.send({ type, dst: 'alice', payload: [type] });
    expect(await alice.next()).toEqual({ type, src: 'alice', dst: 'alice', payload: [type] });
  });

  it('accepts ids with any characters', async () => {
    const ids = ['quote"back\\slash', '__proto__', 'ä€😀', 'line\nfeed', 'constructor'];
    for (const id of ids) {
      const socket = await PeerJsSocket.open(server.wsUrl, id);
      socket.send({ type: 'OFFER', dst: 'bob', payload: 1 });
      expect(await bob.next()).toEqual({ type: 'OFFER', src: id, dst: 'bob', payload: 1 });
      bob.send({ type: 'ANSWER', dst: id, payload: 2 });
      expect(await socket.next()).toEqual({ type: 'ANSWER', src: 'bob', dst: id, payload: 2 });
    }
  });

  it('may be binary and arrives as text', async () => {
    alice.send(Buffer.from('{"type":"OFFER","dst":"bob","payload":"é😀"}'));
    expect(bob.textOf(await bob.next())).toBe('{"type":"OFFER","src":"alice","dst":"bob","payload":"é😀"}');
  });

  it('may arrive in fragments', async () => {
    alice.ws.send('{"type":"OFFER","dst":"b', { fin: false });
    alice.ws.send('ob","payload":', { fin: false });
    alice.ws.send('1}', { fin: true });
    expect(await bob.next()).toEqual({ type: 'OFFER', src: 'alice', dst: 'bob', payload: 1 });
  });

  it('reaches no other client', async () => {
    const charly = await PeerJsSocket.open(server.wsUrl, 'charly');
    for (const type of RELAYED) alice.send({ type, dst: 'bob' });
    await bob.nextOnes(RELAYED.length);
    for (const socket of [alice, bob, charly]) expect(await socket.rest()).toEqual([]);
  });
});

describe('messages between two clients', () => {
  it('stay in order under load and among other messages', async () => {
    await server.close();
    await start({
      framesPerSecond: 1_000_000,
      frameBurst: 1_000_000,
      maxQueued: 50,
      maxBufferedBytes: 64 * 1024 * 1024,
    });
    const charly = await PeerJsSocket.open(server.wsUrl, 'charly');
    // On several nodes each message to an absent client queries Redis and delays those behind it.
    const count = 'NODES' in globalThis ? 300 : 3000;
    for (let i = 0; i < count; i++) {
      for (const dst of ['bob', 'charly', 'alice', 'nobody']) {
        alice.send({ type: RELAYED[i % 3], dst, payload: { i, text: 'x'.repeat((i * 37) % 600) } });
      }
      if (i % 100 === 0) alice.send('nonsense');
      bob.send({ type: 'CANDIDATE', dst: 'charly', payload: { i } });
    }
    for (const socket of [alice, bob, charly]) {
      await socket.rest();
      const numbers = socket.messages
        .filter(({ type, src }) => type !== 'EXPIRE' && src === 'alice')
        .map(({ payload }) => (payload as { i: number }).i);
      expect(numbers).toEqual(Array.from({ length: count }, (_, i) => i));
    }
    await bob.rest();
    await charly.rest();
    const fromBob = charly.messages.filter(({ src }) => src === 'bob').map(({ payload }) => payload);
    expect(fromBob).toEqual(Array.from({ length: count }, (_, i) => ({ i })));
  });
});

describe('HEARTBEAT', () => {
  it('is neither answered nor relayed, and is no error', async () => {
    for (const more of [{}, { dst: 'bob' }, { dst: 'nobody', payload: 1 }, { dst: 1 }]) {
      alice.send({ type: 'HEARTBEAT', ...more });
    }
    expect(await alice.rest()).toEqual([]);
    expect(await bob.rest()).toEqual([]);
    expect(rejected()).toBe(0);
  });
});

describe('LEAVE without dst', () => {
  it('disconnects the client, releases its id and drops later frames', async () => {
    alice.send({ type: 'OFFER', dst: 'bob', payload: 'before' });
    alice.send({ type: 'LEAVE', payload: 'bye' });
    alice.send({ type: 'OFFER', dst: 'bob', payload: 'after' });
    expect((await alice.closed).code).toBe(1000);
    expect(await bob.rest()).toEqual([{ type: 'OFFER', src: 'alice', dst: 'bob', payload: 'before' }]);
    const other = await PeerJsSocket.open(server.wsUrl, { id: 'alice', token: 'another' });
    expect(await other.rest()).toEqual([]);
    expect(rejected()).toBe(0);
  });

  it('prevents the client from sending or releasing the id later', async () => {
    alice.ws.pause();
    alice.send({ type: 'LEAVE' });
    let other: PeerJsSocket | undefined;
    while (!other) {
      const socket = await PeerJsSocket.connect(server.wsUrl, { id: 'alice', token: 'another' });
      if ((await socket.next()).type === 'OPEN') other = socket;
    }
    alice.send({ type: 'OFFER', dst: 'bob', payload: 'from the one that left' });
    alice.ws.resume();
    await alice.closed;
    expect(await bob.rest()).toEqual([]);
    bob.send({ type: 'OFFER', dst: 'alice' });
    expect(await other.next()).toEqual({ type: 'OFFER', src: 'bob', dst: 'alice' });
  });
});

describe('an invalid message', () => {
  const to = (members: object): string => JSON.stringify({ dst: 'bob', payload: 1, ...members });
  const BAD_TYPES = [
    'OPEN',
    'ERROR',
    'ID-TAKEN',
    'MESSAGE',
    'offer',
    'OFFER ',
    '',
    '__proto__',
    'constructor',
    'toString',
  ];
  const BAD_DSTS: unknown[] = [undefined, null, 1, true, {}, ['bob'], [], { toString: 'bob' }];

  it.each([
    ...BAD_TYPES.map((type) => to({ type })),
    ...[undefined, null, 1, {}, ['OFFER'], true].map((type) => to({ type })),
    ...['OFFER', 'EXPIRE'].flatMap((type) => BAD_DSTS.map((dst) => to({ type, dst }))),
    ...BAD_DSTS.slice(1).map((dst) => to({ type: 'LEAVE', dst })),
    '{"__proto__":{"type":"OFFER","dst":"bob"}}',
    '{}',
    'null',
    '1',
    '"OFFER"',
    '[]',
    '[{"type":"OFFER","dst":"bob"}]',
    '',
    ' ',
    '{',
    'undefined',
    '{"type":"OFFER","dst":"bob",}',
    "{'type':'OFFER','dst':'bob'}",
    '{"type":"OFFER","dst":"bob"}{"type":"OFFER","dst":"bob"}',
    '['.repeat(100_000),
    '\ufeff{"type":"OFFER","dst":"bob"}',
  ])('is dropped and counted without closing the socket: %.60s', async (text) => {
    alice.send(text);
    expect(await alice.rest()).toEqual([]);
    expect(await bob.rest()).toEqual([]);
    expect(rejected()).toBe(1);
    alice.send({ type: 'OFFER', dst: 'bob' });
    await bob.next('OFFER');
  });

  it.each([
    Buffer.alloc(0),
    Buffer.from([0]),
    Buffer.from([0xff, 0xfe, 0x80]),
    Buffer.concat([Buffer.from('{"type":"OFFER","dst":"bob","payload":"'), Buffer.from([0xff]), Buffer.from('"}')]),
    Buffer.from('nonsense'),
    Buffer.from('[1]'),
  ])('is dropped and counted when it is binary: %j', async (bytes) => {
    alice.send(bytes);
    expect(await alice.rest()).toEqual([]);
    expect(await bob.rest()).toEqual([]);
    expect(rejected()).toBe(1);
  });

  it('does not stop later messages', async () => {
    const texts = ['nonsense', '{"type":"OFFER","dst":"bob","payload":0}', '{"type":"OFFER"}', '[]'];
    for (let i = 0; i < 50; i++) for (const text of texts) alice.send(text);
    expect(await alice.rest()).toEqual([]);
    expect(await bob.rest()).toHaveLength(50);
    expect(rejected()).toBe(150);
  });
});

describe('a PeerJS and a Peer2Peer Connector client', () => {
  /** Opens a client of the other protocol, with its id and received frames. */
  async function openConnector(): Promise<{ id: string; ws: WebSocket; next: () => Promise<unknown> }> {
    const ws = new WebSocket(`${server.wsUrl}/`);
    const came: unknown[] = [];
    ws.on('message', (data: Buffer) => came.push(JSON.parse(data.toString())));
    const next = async (): Promise<unknown> => {
      while (came.length === 0) await once(ws, 'message');
      return came.shift();
    };
    const details = (await next()) as { event: string; data: { id: string } };
    expect(details.event).toBe('Client_Details');
    return { id: details.data.id, ws, next };
  }

  it('exchange offers, answers and candidates', async () => {
    const { id, ws, next } = await openConnector();
    const kinds = [
      ['OFFER', 'Offer'],
      ['ANSWER', 'Answer'],
      ['CANDIDATE', 'Candidate'],
    ];
    for (const [type, event] of kinds) {
      for (const payload of ['{"sdp":"v=0","n":1.50}', 'null', '"x"']) {
        alice.send(`{"type":"${type}","dst":"${id}","payload":${payload}}`);
        expect(await next()).toEqual({ event, from: 'alice', data: JSON.parse(payload) as unknown });
        ws.send(`{"event":"${event}","to":"alice","data":${payload},"extra":1}`);
        expect(alice.textOf(await alice.next())).toBe(
          `{"type":"${type}","src":"${id}","dst":"alice","payload":${payload}}`,
        );
      }
    }
    ws.send(JSON.stringify({ event: 'Offer', to: 'alice' }));
    expect(await alice.next()).toEqual({ type: 'OFFER', src: id, dst: 'alice' });
    ws.send(JSON.stringify({ event: 'Connect', to: 'alice', data: { sdp: 's', candidate: 'c', more: 1 } }));
    expect(await alice.next()).toEqual({ type: 'OFFER', src: id, dst: 'alice', payload: { sdp: 's', candidate: 'c' } });
    alice.send({ type: 'LEAVE', dst: id });
    expect(await next()).toEqual({ event: 'Leave', from: 'alice' });
    expect(await bob.rest()).toEqual([]);
  });

  it('cannot exchange a Message', async () => {
    const { ws, next } = await openConnector();
    ws.send(JSON.stringify({ event: 'Message', to: 'alice', data: 1 }));
    const data = { message: expect.any(String) as string };
    expect(await next()).toMatchObject({ type: 'error', event: 'Unsupported_Event', data });
    expect(await alice.rest()).toEqual([]);
  });

  it('cannot have the same id', async () => {
    const { id, next } = await openConnector();
    const thief = await PeerJsSocket.connect(server.wsUrl, { id });
    expect((await thief.next()).type).toBe('ID-TAKEN');
    alice.send({ type: 'OFFER', dst: id });
    expect(await next()).toEqual({ event: 'Offer', from: 'alice' });
  });

  it('are separated when the connector client disconnects', async () => {
    await server.close();
    await start({ queueTtlMs: 20, queueSweepMs: 10 });
    const { id, ws } = await openConnector();
    ws.close();
    await until(() => server.everywhere(ClientsService).reduce((sum, { countHere }) => sum + countHere, 0) === 2);
    alice.send({ type: 'OFFER', dst: id });
    expect(await alice.next()).toEqual({ type: 'EXPIRE', src: id, dst: 'alice' });
  });
});
