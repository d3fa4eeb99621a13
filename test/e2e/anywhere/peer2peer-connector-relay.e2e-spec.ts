import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Injectable } from '@nestjs/common';
import { IdGenerator } from '../../../src/protocols/id-generator.js';
import { ConnectorClient, envelope, errorOf, SHORT_UUID, titled } from '../../support/connector-client.js';
import { startServer, type TestServer } from '../../support/server.js';

const NOT_FOUND = 'HTTP/1.1 404 Not Found';
const RELAYED = ['Offer', 'Answer', 'Candidate', 'Message'];
const NO_TO = "'to' field not found";
const NO_DATA = "'data' field is missing or is not object in the request.";
/** Ids without a client. */
const UNKNOWN_IDS = [
  'nobody',
  '',
  ' ',
  '__proto__',
  'constructor',
  'toString',
  '😀',
  '"',
  '\\',
  '\u0000',
  '<to>',
  '$&',
  'x'.repeat(128),
  'x'.repeat(100_000),
];

describe('Peer2Peer Connector: connections', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer();
  });
  afterEach(() => ConnectorClient.closeAll());
  afterAll(() => server.close());

  /** Resolves with the status line of an upgrade request after the server has closed the socket. */
  async function refusal(path: string, { port } = server): Promise<string> {
    // With a half-open socket, only the server can close both directions.
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => undefined);
    try {
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      );
      const answer = await text(socket);
      while (!socket.destroyed) await new Promise((resolve) => socket.write('x', resolve));
      return answer.split('\r\n')[0];
    } finally {
      socket.destroy();
    }
  }

  it('send each client its own id in the first frame', async () => {
    const clients = await ConnectorClient.connectMany(10, server.wsUrl);
    for (const { id, frames } of clients) {
      expect(id).toMatch(SHORT_UUID);
      expect(frames).toEqual([envelope('info', 'Client_Details', { id })]);
    }
    expect(new Set(clients.map(({ id }) => id)).size).toBe(10);
  });

  it('never assign an id in use, even if an application generates the ids', async () => {
    const made = ['same', 'same', 'same', 'fresh'];

    @Injectable()
    class SameId extends IdGenerator {
      override connectorClient(): string {
        return made.shift() ?? super.connectorClient();
      }
    }

    const own = await startServer({}, [{ provide: IdGenerator, useClass: SameId }]);
    try {
      const first = await ConnectorClient.connect(own.wsUrl);
      const second = await ConnectorClient.connect(own.wsUrl);
      expect([first.id, second.id]).toEqual(['same', 'fresh']);
      second.send({ event: 'Message', to: 'same', data: 1 });
      expect(await first.next()).toMatchObject({ from: 'fresh', data: 1 });
      expect(await first.drain()).toEqual([]);
      expect(second.frames).toHaveLength(1);
    } finally {
      await own.close();
    }
  });

  it('give each server frame its own id and time', async () => {
    const client = await ConnectorClient.connect(server.wsUrl);
    const before = Date.now();
    for (let i = 0; i < 20; i++) await client.ask({ event: 'Nonsense' });
    expect(new Set(client.frames.map(({ message_id }) => message_id)).size).toBe(21);
    const times = client.frames.slice(1).map(({ timestamp }) => Date.parse(String(timestamp)));
    expect(Math.min(...times)).toBeGreaterThanOrEqual(before);
    expect(Math.max(...times)).toBeLessThanOrEqual(Date.now());
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it.each(['', '/', '?', '/?', '?token=x', '/?a=/b/&c=%2F', '/?a=?b'])(
    'are accepted at the root as %j',
    async (path) => {
      const client = await ConnectorClient.connect(server.wsUrl + path);
      expect(await client.drain()).toEqual([]);
    },
  );

  it('answer a plain GET on the same path with the document at the root', async () => {
    for (const path of ['/', '/?query']) {
      const response = await fetch(server.url + path);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toMatch(/^application\/json/);
      expect(await response.json()).toEqual({
        name: 'PeerJS Server',
        description: 'A server side element to broker connections between PeerJS clients.',
        website: 'https://peerjs.com/',
      });
    }
  });

  it.each(['/nothing', '/nothing/', '/%2F', '/a/b?c', '/__proto__', '/constructor'])(
    'reject an upgrade of %s with 404 and close the socket',
    async (path) => {
      expect(await refusal(path)).toBe(NOT_FOUND);
      await expect(ConnectorClient.connect(server.wsUrl + path)).rejects.toThrow('closed with 1006');
    },
  );

  it.each(['/signal', '/signal/', '/a/b.c', '/é'])('are accepted at %s if so configured', async (connectorPath) => {
    const configured = await startServer({ connectorPath });
    try {
      const path = encodeURI(connectorPath.replace(/\/$/, ''));
      for (const other of ['/', `${path}x`, `${path}/x`]) expect(await refusal(other, configured)).toBe(NOT_FOUND);
      expect((await fetch(configured.url)).status).toBe(200);
      for (const variant of [path, `${path}/`, `${path}?x=/`, `${path}/?x`]) {
        const client = await ConnectorClient.connect(configured.wsUrl + variant);
        expect(await client.drain()).toEqual([]);
      }
    } finally {
      await ConnectorClient.closeAll();
      await configured.close();
    }
  });

  it('negotiate no compression', async () => {
    const client = await ConnectorClient.connect(server.wsUrl, { perMessageDeflate: true });
    expect(client.socket.extensions).toBe('');
  });

  it('keep frames sent before the client knows its id', async () => {
    const client = await ConnectorClient.connect(server.wsUrl, {
      finishRequest: (handshake, socket) => {
        socket.once('open', () => socket.send('{"event":"Create_Room","data":{"room":"early"}}'));
        handshake.end();
      },
    });
    const room = { clients: [client.id], name: '', room: 'early', roomId: 'early' };
    expect(await client.next()).toEqual(envelope('info', 'Room_Created', room));
  });
});

describe('Peer2Peer Connector: messages to a client', () => {
  let server: TestServer;
  let ann: ConnectorClient;
  let bob: ConnectorClient;

  beforeAll(async () => {
    server = await startServer();
  });
  beforeEach(async () => {
    [ann, bob] = await ConnectorClient.connectMany(2, server.wsUrl);
  });
  afterEach(() => ConnectorClient.closeAll());
  afterAll(() => server.close());

  /** Resolves with the frame and text that Bob receives for a text of Ann; expects no other frames. */
  async function relayed(text: string): Promise<{ frame: object; text: string }> {
    ann.send(text);
    expect(await ann.drain()).toEqual([]);
    const frame = await bob.next();
    expect(await bob.drain()).toEqual([]);
    return { frame, text: bob.texts.at(-1) ?? '' };
  }

  it.each([...RELAYED, 'offer', 'ANSWER', 'cAnDiDaTe', 'message', 'mESSAGE'])(
    'relays %s without an envelope and without an acknowledgement',
    async (event) => {
      const { frame } = await relayed(JSON.stringify({ event, to: bob.id, data: { sdp: 'v=0\r\n' } }));
      expect(frame).toEqual({ event, from: ann.id, data: { sdp: 'v=0\r\n' } });
    },
  );

  it.each(RELAYED)('relays %s without data, and to the sender itself', async (event) => {
    expect((await relayed(JSON.stringify({ event, to: bob.id }))).frame).toEqual({ event, from: ann.id });
    expect(await ann.ask({ event, to: ann.id, data: [1] })).toEqual({ event, from: ann.id, data: [1] });
    expect(await ann.drain()).toEqual([]);
  });

  it.each(
    titled([
      ...['null', 'true', 'false', '0', '-0', '1.0', '-1.50e-7', '1E400', '-1e400', '1e-400', '12345678901234567890'],
      ...['0.1000000000000000055511151231257827', '9'.repeat(400), '""', '"x"', '"é€😀"', '"\\u0041\\/\\ud83d\\ude00"'],
      ...['"\\ud800"', '"\\u0000"', '"}],\\"from\\":\\"x\\""', '"\\\\"', '"\u2028\u007f"', '[]', '{}', '[[],[{}],""]'],
      ...[
        '{"a":1,"a":2}',
        '{"__proto__":{"x":1}}',
        '{"from":"x","to":"y","event":"z"}',
        ' { "a" :\t[ 1 ,\n2 ] } '.trim(),
      ],
      ...[
        '[1.0,{"b":[1e1,null]}]',
        `"${'x'.repeat(70_000)}"`,
        '{"":{"":{"":""}}}',
        '{"constructor":null,"toString":1}',
      ],
    ]),
  )('preserves the text of the data %s', async (_, data) => {
    const { frame, text } = await relayed(`{"event":"Message","to":"${bob.id}","data":${data}}`);
    expect(frame).toEqual({ event: 'Message', from: ann.id, data: JSON.parse(data) as unknown });
    expect(text).toContain(`"data":${data}`);
  });

  it('carries data nested 10,000 levels deep', async () => {
    const data = '[{"a":'.repeat(5000) + '1.0' + '}]'.repeat(5000);
    const { text } = await relayed(`{"event":"Message","data":${data},"to":"${bob.id}"}`);
    expect(text).toContain(`"data":${data}`);
  });

  it('forwards unknown members', async () => {
    const more = {
      type: 'info',
      timestamp: 'x',
      message_id: [1],
      sdpMid: null,
      '': 0,
      toString: 'y',
      FROM: 1,
      é: '😀',
    };
    const { frame } = await relayed(JSON.stringify({ ...more, event: 'Offer', to: bob.id, data: 1 }));
    expect(frame).toEqual({ ...more, event: 'Offer', from: ann.id, data: 1 });
    const { text } = await relayed(`{"n":1.0,"__proto__":{"x":1e400},"event":"Message","to":"${bob.id}","\\"":2}`);
    for (const member of ['"n":1.0', '"__proto__":{"x":1e400}', '"\\"":2']) expect(text).toContain(member);
  });

  it.each(
    titled([
      '{"event":"Message","to":"BOB","from":"x","data":1}',
      '{"from":"x","event":"Message","to":"BOB","from":{"a":1},"data":1}',
      '{"event":"Message","to":"BOB","data":1,"fr\\u006fm":"x"}',
      '{"\\u0066\\u0072\\u006F\\u006D":"x","event":"Message","to":"BOB","data":1,"from":null}',
      '{"event":"Message","to":"nobody","data":1,"to":"BOB"}',
      '{"event":"Message","t\\u006f":"BOB","data":1}',
      '{"event":"Message","to":5,"t\\u006F":"BOB","data":1}',
      '{"ev\\u0065nt":"Message","d\\u0061ta":1,"to":"BOB"}',
      '{"event":"Offer","event":"Message","data":{"from":"x"},"data":1,"to":"BOB"}',
      '{"event":"M\\u0065ssage","to":"BOB","data":1,"room":"x"}',
      '\n\t{ "event" : "Message" , "to" : "BOB" , "from" : "x\\"" , "data" : 1 }\r\n ',
    ]),
  )('prevents a sender from forging its id: %s', async (_, pattern) => {
    const { frame, text } = await relayed(pattern.replace('BOB', bob.id));
    expect(frame).toEqual({ event: 'Message', from: ann.id, data: 1 });
    const unescaped = text.replaceAll(/\\u00([\da-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(parseInt(hex, 16)),
    );
    expect(unescaped.match(/"(event|from|to|room|data)":/g)?.sort()).toEqual(['"data":', '"event":', '"from":']);
  });

  it.each([
    ...RELAYED.flatMap((event) => [
      { event, data: 1 },
      { event, to: null },
      { event, to: 5 },
      { event, to: {} },
    ]),
    ...[{ event: 'Connect', data: { sdp: 1, candidate: 1 } }, { event: 'Connect', to: ['x'] }, { event: 'Message' }],
    ...[
      { event: 'Message', to: false, room: 'x' },
      { event: 'Offer', room: 'x' },
    ],
  ])('rejects %j without `to`', async (request) => {
    expect(await ann.ask(request)).toEqual(errorOf('Missing_Fields', NO_TO));
    expect(await ann.drain()).toEqual([]);
  });

  it.each(titled(UNKNOWN_IDS))('rejects the unknown client %s', async (_, to) => {
    const data = { sdp: 1, candidate: 1 };
    for (const event of [...RELAYED, 'Connect']) {
      expect(await ann.ask({ event, to, data })).toEqual(errorOf('Not_Found', `Client with given ${to} not found`));
    }
    expect(await ann.drain()).toEqual([]);
  });

  it('rejects a disconnected client', async () => {
    ann.send({ event: 'Create_Room', data: { room: 'watch' } });
    bob.send({ event: 'Join_Room', data: { room: 'watch' } });
    await bob.next('Client_Added');
    await bob.close();
    await ann.next('Client_Removed');
    await ann.drain();
    const gone = errorOf('Not_Found', `Client with given ${bob.id} not found`);
    for (const event of RELAYED) expect(await ann.ask({ event, to: bob.id, data: 1 })).toEqual(gone);
  });

  it('delivers frames sent right before a client disconnects', async () => {
    for (let i = 0; i < 100; i++) ann.send({ event: 'Message', to: bob.id, data: i });
    await ann.close();
    for (let i = 0; i < 100; i++) expect(await bob.next()).toEqual({ event: 'Message', from: ann.id, data: i });
  });

  it.each(['Connect', 'connect', 'CONNECT'])('wraps an offer in the envelope of %s', async (event) => {
    const data = { sdp: { type: 'offer', sdp: 'v=0\r\n' }, candidate: ['a', { b: null }] };
    const { frame } = await relayed(JSON.stringify({ event, to: bob.id, from: 'x', more: 1, data: { ...data, x: 1 } }));
    expect(frame).toEqual(envelope('info', 'Offer', { event: 'Offer', from: ann.id, data }));
    const own = await ann.ask({ event, to: ann.id, data: { sdp: '', candidate: false } });
    const ownOffer = { event: 'Offer', from: ann.id, data: { sdp: '', candidate: false } };
    expect(own).toEqual(envelope('info', 'Offer', ownOffer));
  });

  it('preserves the text of a description in an offer', async () => {
    const sdp = '{"n":[1.0,1e400,12345678901234567890],"s":"\\u0041"}';
    const data = `{"sdp":0,"s\\u0064p":${sdp},"candidate":-0,"x":1}`;
    const { text } = await relayed(`{"event":"Connect","data":${data},"to":"${bob.id}"}`);
    expect(text).toContain(`"sdp":${sdp}`);
    expect(text).toContain('"candidate":-0');
  });

  it('carries a description nested 10,000 levels deep', async () => {
    const sdp = '['.repeat(10_000) + ']'.repeat(10_000);
    const { text } = await relayed(`{"event":"Connect","to":"${bob.id}","data":{"candidate":1,"sdp":${sdp}}}`);
    expect(text).toContain(`"sdp":${sdp}`);
  });

  it.each([
    [undefined, NO_DATA],
    [null, NO_DATA],
    ['x', NO_DATA],
    [[{ sdp: 1, candidate: 1 }], NO_DATA],
    [{}, "'data''sdp' field is missing in the request."],
    [{ candidate: 1 }, "'data''sdp' field is missing in the request."],
    [{ sdp: 1 }, "'data''candidate' field is missing in the request."],
    [{ sdp: 1, Candidate: 1 }, "'data''candidate' field is missing in the request."],
  ])('rejects a Connect with the data %j', async (data, message) => {
    expect(await ann.ask({ event: 'Connect', to: bob.id, data })).toEqual(errorOf('Missing_Fields', message));
    expect(await ann.drain()).toEqual([]);
    expect(await bob.drain()).toEqual([]);
  });
});
