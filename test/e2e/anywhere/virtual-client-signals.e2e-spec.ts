import type { SentKind } from '../../../src/index.js';
import { Bot } from '../../support/bot.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { ACK, aTime, EasyRtcClient, errorOf } from '../../support/easyrtc-client.js';
import { PeerJsSocket } from '../../support/peerjs-socket.js';
import { startServer, type TestServer } from '../../support/server.js';

const PAYLOAD = { '😀': 'é\u2028"\\', nested: [{ list: [[], {}, null, 1.5, true, ''] }], _placeholder: true, num: 0 };

/** Clients of a protocol: with several nodes, the second one is on another node. */
const COUNT = 2;

let server: TestServer;
let bot: Bot;

beforeAll(async () => {
  server = await startServer();
});

beforeEach(async () => {
  bot = await Bot.add(server);
});

const easyrtc = () => EasyRtcClient.login(server.url, { applicationName: 'default' });

describe('a virtual client and Peer2Peer Connector clients', () => {
  let clients: ConnectorClient[];

  beforeEach(async () => {
    clients = await ConnectorClient.connectMany(COUNT, server.wsUrl);
  });

  it.each(['offer', 'answer', 'candidate', 'message'] as const)('exchange %ss', async (kind) => {
    const event = kind[0].toUpperCase() + kind.slice(1);
    for (const client of clients) {
      client.send({ event, to: 'bot', data: PAYLOAD });
      expect(await bot.next()).toEqual({ kind, from: client.id, payload: PAYLOAD });
      await bot.client.send({ kind, to: client.id, payload: PAYLOAD });
      expect(await client.next()).toEqual({ event, from: 'bot', data: PAYLOAD });
    }
  });

  it('connect with an offer that also has a candidate', async () => {
    const data = { sdp: 'v=0', candidate: 'c' };
    clients[1].send({ event: 'Connect', to: 'bot', data });
    expect(await bot.next()).toEqual({ kind: 'offer', from: clients[1].id, payload: data });
  });

  it.each(['leave', 'hangup', 'reject'] as const)('get a %s from it, without a payload', async (kind) => {
    for (const client of clients) {
      await bot.client.send({ kind, to: client.id });
      expect(await client.next()).toEqual({ event: kind[0].toUpperCase() + kind.slice(1), from: 'bot' });
    }
  });

  it('get its signals in the order of its calls, which it does not await', async () => {
    const [near, far] = clients;
    const numbers = Array.from({ length: 100 }, (_, i) => i);
    for (const payload of numbers) for (const { id: to } of clients) void bot.client.send({ kind: 'message', to, payload }); // prettier-ignore
    await bot.client.close();
    for (const client of [near, far]) expect((await client.drain()).map(({ data }) => data)).toEqual(numbers);
  });

  it('send it signals in order', async () => {
    const numbers = Array.from({ length: 100 }, (_, i) => i);
    for (const data of numbers) clients[1].send({ event: 'Message', to: 'bot', data });
    for (const payload of numbers) expect(await bot.next()).toEqual({ kind: 'message', from: clients[1].id, payload });
  });
});

describe('a virtual client and PeerJS clients', () => {
  let clients: PeerJsSocket[];

  beforeEach(async () => {
    clients = [await PeerJsSocket.open(server.wsUrl, 'ann'), await PeerJsSocket.open(server.wsUrl, 'bob')];
  });

  it.each([
    ['offer', 'OFFER'],
    ['answer', 'ANSWER'],
    ['candidate', 'CANDIDATE'],
    ['leave', 'LEAVE'],
  ] as const)('exchange %ss', async (kind, type) => {
    for (const client of clients) {
      client.send({ type, dst: 'bot', payload: PAYLOAD });
      expect(await bot.next()).toEqual({ kind, from: client.id, payload: PAYLOAD });
      await bot.client.send({ kind, to: client.id, payload: PAYLOAD });
      expect(await client.next()).toEqual({ type, src: 'bot', dst: client.id, payload: PAYLOAD });
    }
  });

  it('exchange no messages, which PeerJS does not have', async () => {
    for (const { id: to } of clients) {
      await expect(bot.client.send({ kind: 'message', to })).rejects.toMatchObject({ code: 'UNSUPPORTED_BY_TARGET' });
    }
  });

  it('can let each other expire', async () => {
    clients[1].send({ type: 'EXPIRE', dst: 'bot' });
    expect(await bot.next()).toEqual({ kind: 'expire', from: 'bob' });
  });

  it('exchange the signals that PeerJS clients sent before it connected', async () => {
    clients[1].send({ type: 'OFFER', dst: 'late', payload: 1 });
    clients[1].send({ type: 'CANDIDATE', dst: 'late', payload: 2 });
    await clients[1].rest();
    const late = await Bot.add(server, { id: 'late' });
    expect([await late.next(), await late.next()]).toEqual([
      { kind: 'offer', from: 'bob', payload: 1 },
      { kind: 'candidate', from: 'bob', payload: 2 },
    ]);
  });
});

describe('a virtual client and EasyRTC clients', () => {
  let clients: EasyRtcClient[];

  beforeEach(async () => {
    clients = [await easyrtc(), await easyrtc()];
    for (const client of clients) await client.rest();
  });

  it.each(['offer', 'answer', 'candidate'] as const)('exchange %ss', async (kind) => {
    for (const client of clients) {
      expect(await client.command(kind, PAYLOAD, 'bot')).toEqual(ACK);
      expect(await bot.next()).toEqual({ kind, from: client.id, payload: PAYLOAD });
      await bot.client.send({ kind, to: client.id, payload: PAYLOAD });
      const { easyrtcid, msgType, msgData, senderEasyrtcid } = await client.next();
      expect({ easyrtcid, msgType, msgData, senderEasyrtcid }).toEqual({ easyrtcid: client.id, msgType: kind, msgData: PAYLOAD, senderEasyrtcid: 'bot' }); // prettier-ignore
    }
  });

  it('exchange messages with their types', async () => {
    for (const client of clients) {
      expect(await client.message({ msgType: 'greeting', msgData: PAYLOAD, targetEasyrtcid: 'bot' })).toEqual(ACK);
      expect(await bot.next()).toEqual({ kind: 'message', from: client.id, type: 'greeting', payload: PAYLOAD });
      await bot.client.send({ kind: 'message', to: client.id, type: 'reply', payload: PAYLOAD });
      expect(await client.next()).toEqual({
        senderEasyrtcid: 'bot',
        targetEasyrtcid: client.id,
        msgType: 'reply',
        msgData: PAYLOAD,
        easyrtcid: client.id,
        serverTime: aTime,
      });
    }
  });

  it('carry binary parts to it', async () => {
    const parts = [Buffer.from('one'), Buffer.from('two')];
    const msgData = { list: [parts[0]], deep: { part: parts[1], plain: 1 } };
    for (const client of clients) {
      expect(await client.message({ msgType: 'file', msgData, targetEasyrtcid: 'bot' })).toEqual(ACK);
      expect(await bot.next()).toEqual({ kind: 'message', from: client.id, type: 'file', payload: msgData });
    }
  });

  it.each(['hangup', 'reject'] as const)('exchange a %s', async (kind) => {
    for (const client of clients) {
      expect(await client.command(kind, undefined, 'bot')).toEqual(ACK);
      expect(await bot.next()).toEqual({ kind, from: client.id });
      await bot.client.send({ kind, to: client.id });
      expect(await client.next()).toMatchObject({ msgType: kind, senderEasyrtcid: 'bot' });
    }
  });
});

describe('virtual clients', () => {
  it('exchange signals with each other, and with themselves', async () => {
    const other = await Bot.add(server, { id: 'other', node: 1 });
    await bot.client.send({ kind: 'offer', to: 'other', payload: PAYLOAD });
    expect(await other.next()).toEqual({ kind: 'offer', from: 'bot', payload: PAYLOAD });
    await other.client.send({ kind: 'message', type: 'note', to: 'bot' });
    expect(await bot.next()).toEqual({ kind: 'message', from: 'other', type: 'note' });
    await bot.client.send({ kind: 'message', to: 'bot', payload: 1 });
    expect(await bot.next()).toEqual({ kind: 'message', from: 'bot', payload: 1 });
  });

  it('answer each other without end and without stopping other clients', async () => {
    const echo = (name: string) => ({ from }: { from: string }) => bots[name].client.send({ kind: 'message', to: from }); // prettier-ignore
    const bots: Record<string, Bot> = {};
    bots.ping = await Bot.add(server, { id: 'ping', onSignal: echo('ping') });
    bots.pong = await Bot.add(server, { id: 'pong', onSignal: echo('pong') });
    await bots.ping.client.send({ kind: 'message', to: 'pong' });
    const ann = await ConnectorClient.connect(server.wsUrl);
    expect(await ann.drain()).toEqual([]);
  });

  it('do not meet clients of other realms', async () => {
    const other = await Bot.add(server, { realm: 'other', id: 'bot', node: 1 });
    const ann = await ConnectorClient.connect(server.wsUrl);
    await expect(other.client.send({ kind: 'message', to: ann.id })).rejects.toMatchObject({ code: 'CLIENT_NOT_FOUND', data: { id: ann.id } }); // prettier-ignore
    ann.send({ event: 'Message', to: 'bot', data: 1 });
    expect(await bot.next()).toMatchObject({ from: ann.id });
    expect(other.signals).toEqual([]);
  });

  it('send unchanged what the application changes after the call', async () => {
    const ann = await ConnectorClient.connect(server.wsUrl);
    const payload = { n: 1 };
    const sent = bot.client.send({ kind: 'message', to: ann.id, payload });
    payload.n = 2;
    await sent;
    expect(await ann.next()).toMatchObject({ data: { n: 1 } });
  });
});

describe('a virtual client with a protocol', () => {
  it('gets and sends the kinds of that protocol alone', async () => {
    const peer = await Bot.add(server, { id: 'peer', protocol: 'peerjs' });
    for (const client of await ConnectorClient.connectMany(COUNT, server.wsUrl)) {
      client.send({ event: 'Message', to: 'peer', data: 1 });
      expect(await client.next()).toMatchObject({ type: 'error', event: 'Unsupported_Event' });
      client.send({ event: 'Offer', to: 'peer', data: 1 });
      expect(await peer.next()).toEqual({ kind: 'offer', from: client.id, payload: 1 });
      await expect(peer.client.send({ kind: 'message', to: client.id })).rejects.toMatchObject({
        code: 'INVALID_REQUEST',
        data: { reason: 'peerjs has no message' },
      });
    }
    const ann = await easyrtc();
    expect(await ann.message({ msgType: 'm', targetEasyrtcid: 'peer' })).toEqual(errorOf('MSG_REJECT_GEN_FAIL')); // prettier-ignore
  });

  it('must name one that the server speaks', async () => {
    await expect(Bot.add(server, { id: 'x', protocol: 'smoke' })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      data: { reason: 'protocol must be one of the following values: easyrtc, peer2peer-connector, peerjs, virtual' },
    });
  });
});

describe('a virtual client’s send', () => {
  const circular: { self?: unknown } = {};
  circular.self = circular;
  let deep: unknown = 1;
  for (let i = 0; i < 100_000; i++) deep = [deep];

  it.each([
    ['a circular value', circular],
    ['a BigInt', 1n],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['too many levels', deep],
    ['a toJSON that throws', { toJSON: () => JSON.parse('{') as unknown }],
  ])('refuses %s as a payload', async (_, payload) => {
    await expect(bot.client.send({ kind: 'message', to: 'bot', payload })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      data: { reason: 'the payload has no JSON form' },
    });
  });

  it.each([null, 0, '', false, [], {}])('carries %j', async (payload) => {
    await bot.client.send({ kind: 'message', to: 'bot', payload });
    expect(await bot.next()).toEqual({ kind: 'message', from: 'bot', payload });
  });

  it('bounds the payload by maxFrameBytes', async () => {
    const text = (length: number) => ({ kind: 'message', to: 'bot', payload: 'x'.repeat(length) }) as const;
    await bot.client.send(text(1_048_576 - 2));
    await expect(bot.client.send(text(1_048_576 - 1))).rejects.toMatchObject({
      code: 'LIMIT_REACHED',
      data: { what: 'bytes of a message', limit: 1_048_576 },
    });
  });

  it('bounds the type', async () => {
    const type = 'x'.repeat(257);
    await expect(bot.client.send({ kind: 'message', to: 'bot', type })).rejects.toMatchObject({
      code: 'LIMIT_REACHED',
    });
  });

  it.each([
    ['expire', { kind: 'expire', to: 'bot' }, /kind must be one of/],
    ['no kind', { to: 'bot' }, /kind must be one of/],
    ['no target', { kind: 'message' }, /either to or room/],
    ['an empty target', { kind: 'message', to: '' }, /either to or room/],
    ['two targets', { kind: 'message', to: 'bot', room: 'r' }, /either to or room/],
    ['a typed offer', { kind: 'offer', to: 'bot', type: 't' }, /type must be/],
    ['a type that is no text', { kind: 'message', to: 'bot', type: 1 }, /type must be/],
  ])('refuses %s', async (_, signal, reason) => {
    await expect(bot.client.send(signal as { kind: SentKind; to: string })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      data: { reason: expect.stringMatching(reason) as string },
    });
  });

  // Jest fails a test with an unhandled rejection.
  it('harms nobody if it fails and nobody awaits it', async () => {
    void bot.client.send({ kind: 'message', to: 'nobody' });
    void bot.client.send({ kind: 'message', to: 'bot', payload: 1n });
    void bot.client.join('nowhere');
    await bot.client.send({ kind: 'message', to: 'bot' });
    expect(await bot.next()).toEqual({ kind: 'message', from: 'bot' });
  });
});
