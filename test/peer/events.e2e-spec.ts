import { type EventEmitter, once } from 'node:events';
import type { IClient, PeerServerOptions } from 'signalbox/peer';
import { becomes } from '../support/becomes.js';
import { PeerJsSocket, type PeerJsSocketOptions, until } from '../support/peerjs-socket.js';
import { freePort } from '../support/ports.js';
import {
  eventsOf,
  IMPORT_LINES,
  load,
  namesOf,
  type PeerEvent,
  type PeerModule,
  type Program,
  startPeerServer,
} from './programs.js';

describe.each(IMPORT_LINES)('events of %s', (importLine) => {
  let peer: PeerModule;
  let program: Program;
  let events: PeerEvent[];

  beforeAll(async () => {
    peer = await load(importLine);
  });

  async function start(options: PeerServerOptions = {}): Promise<void> {
    program = await startPeerServer(peer, options);
    events = eventsOf(program.peerServer);
  }

  const open = (options: PeerJsSocketOptions | string): Promise<PeerJsSocket> =>
    PeerJsSocket.open(program.wsUrl, options);

  /** Opens a client, and returns it with what the listeners of `connection` have got. */
  async function openBoth(id: string): Promise<[PeerJsSocket, IClient]> {
    const connected = once(program.peerServer, 'connection');
    const socket = await open(id);
    const [client] = (await connected) as [IClient];
    return [socket, client];
  }

  it('emits connection and disconnect with the same client', async () => {
    await start();
    const alice = await open({ id: 'alice', token: 'secret' });
    await becomes(() => namesOf(events), ['connection alice']);
    const [{ client }] = events;
    expect(client?.getId()).toBe('alice');
    expect(client?.getToken()).toBe('secret');
    await alice.close();
    await becomes(() => namesOf(events), ['connection alice', 'disconnect alice']);
    expect(events[1].client).toBe(client);
  });

  it('emits connection before the messages of the client', async () => {
    await start();
    const alice = await PeerJsSocket.connect(program.wsUrl, { id: 'alice' });
    alice.send({ type: 'HEARTBEAT' });
    await becomes(() => namesOf(events), ['connection alice', 'message alice HEARTBEAT']);
  });

  it('emits no connection for clients that are refused', async () => {
    await start({ key: 'right', concurrent_limit: 1 });
    const owner = await open({ id: 'alice', key: 'right' });
    const refused: [PeerJsSocketOptions, object][] = [
      [{ key: 'wrong' }, { type: 'ERROR', payload: { msg: 'Invalid key provided' } }],
      [
        { query: 'key=right&id=x' },
        { type: 'ERROR', payload: { msg: 'No id, token, or key supplied to websocket server' } },
      ],
      [
        { id: 'bob', key: 'right' },
        { type: 'ERROR', payload: { msg: 'Server has reached its concurrent user limit' } },
      ],
      [
        { id: 'alice', key: 'right', token: 'another' },
        { type: 'ID-TAKEN', payload: { msg: 'ID is taken' } },
      ],
    ];
    for (const [options, answer] of refused) {
      const client = await PeerJsSocket.connect(program.wsUrl, options);
      expect(await client.next()).toEqual(answer);
      await client.closed;
    }
    expect(namesOf(events)).toEqual(['connection alice']);
    await owner.close();
  });

  it('emits message for every message, as the client has sent it, with its id as src', async () => {
    await start();
    const alice = await open('alice');
    await open('bob');
    const payload = { sdp: { type: 'offer', sdp: 'v=0' }, connectionId: 'dc_1' };
    const sent = [
      { type: 'OFFER', dst: 'bob', payload },
      { type: 'ANSWER', src: 'forged', dst: 'bob', payload },
      { type: 'CANDIDATE', dst: 'bob', payload, more: [1] },
      { type: 'HEARTBEAT' },
      { type: 'UNKNOWN', dst: 'bob' },
      { type: 'EXPIRE', dst: 'bob' },
      { type: 'LEAVE', dst: 'bob' },
    ];
    for (const message of sent) alice.send(message);
    const received = (): unknown[] => events.flatMap(({ message }) => message ?? []);
    await until(() => received().length === sent.length);
    expect(received()).toEqual(sent.map((message) => ({ ...message, src: 'alice' })));
    expect(events.at(-1)?.client?.getId()).toBe('alice');
  });

  it('relays what a listener makes of a message', async () => {
    await start();
    const alice = await open('alice');
    const bob = await open('bob');
    program.peerServer.on('message', (_, message) => Object.assign(message, { payload: 'changed' }));
    alice.send({ type: 'OFFER', dst: 'bob', payload: 'original' });
    expect(await bob.next()).toEqual({ type: 'OFFER', src: 'alice', dst: 'bob', payload: 'changed' });
  });

  it('emits error for an exception of a listener, does not relay that message, and goes on', async () => {
    await start();
    const alice = await open('alice');
    const bob = await open('bob');
    program.peerServer.on('message', (_, { payload }) => {
      if (payload === 'bad') throw new Error('a fault of the program');
    });
    for (const payload of ['bad', 'good']) alice.send({ type: 'OFFER', dst: 'bob', payload });
    expect(await bob.next()).toMatchObject({ payload: 'good' });
    expect(events.flatMap(({ error }) => error?.message ?? [])).toEqual(['a fault of the program']);
  });

  it.each([
    ['{', SyntaxError],
    ['null', TypeError],
    ['"text"', TypeError],
  ])('emits error for the message %j, and goes on', async (text, type) => {
    await start();
    const alice = await open('alice');
    alice.send(text);
    await until(() => events.some(({ name }) => name === 'error'));
    expect(events.at(-1)?.error?.name).toBe(type.name);
    expect((await alice.rest()).length).toBe(0);
  });

  it('emits error for a client that breaks the WebSocket protocol, and then disconnect', async () => {
    await start();
    const alice = await open('alice');
    // A text frame without a mask.
    (alice.ws as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(Buffer.from([0x81, 1, 0x61]));
    await becomes(() => namesOf(events), ['connection alice', 'error', 'disconnect alice']);
    expect(events[1].error?.message).toContain('MASK must be set');
  });

  it('emits error if the port is in use', async () => {
    await start();
    const second = peer.PeerServer({ port: program.port, host: '127.0.0.1' });
    const [error] = (await once(second as EventEmitter, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('EADDRINUSE');
  });

  it('emits the events of once, off and listenerCount like any emitter', async () => {
    await start();
    const names: string[] = [];
    const listener = (client: IClient): void => void names.push(`off ${client.getId()}`);
    const emitter = program.peerServer as unknown as EventEmitter;
    emitter.on('connection', listener).off('connection', listener);
    emitter.once('connection', (client: IClient) => void names.push(`once ${client.getId()}`));
    expect(emitter.listenerCount('connection')).toBe(2);
    await open('alice');
    await open('bob');
    await until(() => events.length === 2);
    expect(names).toEqual(['once alice']);
  });

  describe('a client that takes over its own connection', () => {
    it('is the same client, connects again, and has not disconnected', async () => {
      await start();
      const [first, client] = await openBoth('alice');
      const socket = client.getSocket();
      const again = once(program.peerServer, 'connection');
      const second = await PeerJsSocket.connect(program.wsUrl, { id: 'alice' });
      expect((await again)[0]).toBe(client);
      expect(client.getSocket()).not.toBe(socket);
      first.ws.close();
      await first.closed;
      second.send({ type: 'HEARTBEAT' });
      await becomes(() => namesOf(events), ['connection alice', 'connection alice', 'message alice HEARTBEAT']);
      await second.close();
      await until(() => namesOf(events).at(-1) === 'disconnect alice');
      expect(namesOf(events).filter((name) => name === 'disconnect alice')).toHaveLength(1);
    });
  });

  describe('disconnect', () => {
    const ends: [string, (alice: PeerJsSocket, client: IClient) => unknown][] = [
      ['closes its WebSocket', (alice) => alice.close()],
      ['loses its connection', (alice) => alice.ws.terminate()],
      ['leaves', (alice) => (alice.send({ type: 'LEAVE' }), alice.close())],
      ['is closed by the program', (_, client) => client.getSocket()?.close()],
      ['is terminated by the program', (_, client) => client.getSocket()?.terminate()],
    ];

    it.each(ends)('is emitted once for a client that %s, and its id is free', async (_, end) => {
      await start();
      const [alice, client] = await openBoth('alice');
      await end(alice, client);
      await alice.closed;
      await becomes(
        () => namesOf(events).filter((name) => !name.startsWith('message')),
        ['connection alice', 'disconnect alice'],
      );
      await open({ id: 'alice', token: 'another' });
    });

    it('is emitted after alive_timeout for a client without a sign of life', async () => {
      await start({ alive_timeout: 500 });
      const since = performance.now();
      await open({ id: 'alice', autoPong: false });
      await until(() => namesOf(events).includes('disconnect alice'));
      const elapsed = performance.now() - since;
      expect(elapsed).toBeGreaterThan(400);
      expect(elapsed).toBeLessThan(10_000);
    });
  });

  describe('a client of the program', () => {
    it('sends JSON', async () => {
      await start();
      const [alice, client] = await openBoth('alice');
      client.send({ type: 'HELLO', payload: ['ü', 1, null] });
      expect(await alice.next()).toEqual({ type: 'HELLO', payload: ['ü', 1, null] });
    });

    it('sends after the messages that the server has sent before', async () => {
      await start();
      const received = once(program.peerServer, 'connection').then(([client]) =>
        (client as IClient).send({ type: 'WELCOME' }),
      );
      const alice = await PeerJsSocket.connect(program.wsUrl, { id: 'alice' });
      await received;
      expect((await alice.nextOnes(2)).map(({ type }) => type)).toEqual(['OPEN', 'WELCOME']);
    });

    it('has a WebSocket of ws, with its events, send, ping and close', async () => {
      await start();
      const [alice, client] = await openBoth('alice');
      const socket = client.getSocket()!;
      expect([socket.readyState, socket.OPEN, socket.protocol]).toEqual([1, 1, '']);
      const seen: string[] = [];
      socket.on('message', (data, isBinary) => void seen.push(`message ${(data as Buffer).toString()} ${isBinary}`));
      socket.on('pong', (data) => void seen.push(`pong ${data.toString()}`));
      socket.on('close', (code, reason) => void seen.push(`close ${code} ${reason.toString()}`));
      alice.send('{"type":"HEARTBEAT"}');
      await until(() => seen.length === 1);
      socket.ping('hello');
      await until(() => seen.length === 2);
      await new Promise<void>((resolve, reject) =>
        socket.send('{"type":"SENT"}', (error) => (error ? reject(error) : resolve())),
      );
      expect(await alice.next()).toEqual({ type: 'SENT' });
      socket.close(4000, 'bye');
      expect(await alice.closed).toEqual({ code: 4000, reason: 'bye' });
      await becomes(() => seen, ['message {"type":"HEARTBEAT"} false', 'pong hello', 'close 4000 bye']);
    });

    it('drops what is sent to a client that has gone', async () => {
      await start();
      const [alice, client] = await openBoth('alice');
      await alice.close();
      await until(() => namesOf(events).includes('disconnect alice'));
      expect(() => client.send({ type: 'LATE' })).not.toThrow();
    });

    it('knows the time of the last message', async () => {
      const before = Date.now();
      await start();
      const [alice, client] = await openBoth('alice');
      expect(client.getLastPing()).toBeGreaterThanOrEqual(before);
      client.setLastPing(Date.now() - 1000);
      const earlier = client.getLastPing();
      expect(earlier).toBeLessThan(Date.now() - 500);
      alice.send({ type: 'HEARTBEAT' });
      await until(() => client.getLastPing() > earlier);
      expect(Date.now() - client.getLastPing()).toBeLessThan(5000);
    });

    it('writes to the socket that the program sets', async () => {
      await start();
      const [, client] = await openBoth('alice');
      const [bob, other] = await openBoth('bob');
      client.setSocket(other.getSocket());
      expect(client.getSocket()).toBe(other.getSocket());
      client.send({ type: 'DIVERTED' });
      expect(await bob.next()).toEqual({ type: 'DIVERTED' });
      client.setSocket(null);
      expect(client.getSocket()).toBeNull();
      expect(() => client.send({ type: 'LOST' })).not.toThrow();
    });
  });

  it('lets the program stop its HTTP server', async () => {
    await start({ port: await freePort() });
    const [alice] = await openBoth('alice');
    const closed = once(program.server, 'close');
    program.server.close();
    // npm `peer` waits until the client leaves.
    if (importLine === 'peer') alice.ws.close();
    await closed;
    await becomes(() => namesOf(events), ['connection alice', 'disconnect alice']);
  });
});
