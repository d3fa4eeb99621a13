import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { ClientDirectory } from '../../../src/clients/client-directory.js';
import type { Config } from '../../../src/config/config.js';
import { RoomStore } from '../../../src/rooms/room-store.js';
import {
  ACK,
  EasyRtcClient,
  ERROR_TEXTS,
  errorOf,
  fields,
  removed,
  roomAnswer,
  rooms,
  titled,
  updated,
} from '../../support/easyrtc-client.js';
import { Mutations } from '../../support/easyrtc-mutations.js';
import { until } from '../../support/peerjs-socket.js';
import { startServer, type TestServer } from '../../support/server.js';

const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'prototype'];
const TRANSPORTS = ['websocket', 'polling'];

let server: TestServer;
/** Bystanders in a separate application. No test may affect them. */
let ann: EasyRtcClient;
let bob: EasyRtcClient;

const login = (msgData: object = {}, options: object = {}) => EasyRtcClient.login(server.url, msgData, options);

async function start(options: Partial<Config> = {}): Promise<void> {
  server = await startServer(options);
  ann = await login({ applicationName: 'calm' });
  bob = await login({ applicationName: 'calm' });
  await ann.rest();
}

async function restart(options: object): Promise<void> {
  await server.close();
  await start(options);
}

/** Resolves with all clients and rooms of the server. */
async function known(): Promise<readonly object[]> {
  const clients = await server.app.get(ClientDirectory, { strict: false }).list({ limit: 10 });
  const existing = await server.app.get(RoomStore, { strict: false }).list({ limit: 10 });
  return [...clients.items, ...existing.items];
}

const globalKeys = Object.getOwnPropertyNames(Object.prototype).sort();

beforeEach(() => start());

afterEach(async () => {
  try {
    expect(await ann.command('offer', { sdp: 'x' }, bob.id)).toEqual(ACK);
    expect((await bob.rest()).map(({ msgType }) => msgType)).toEqual(['offer']);
    expect(await ann.rest()).toEqual([]);
    expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(globalKeys);
    EasyRtcClient.closeAll();
    await until(async () => (await known()).length === 0);
  } finally {
    EasyRtcClient.closeAll();
    await server.close();
  }
});

describe('a packet that crashed the original server', () => {
  const NOTHING = [[], [null], [[]], ['x'], [5], [Buffer.from('x')]];

  it.each(titled(NOTHING))('is rejected as a login: %s', async (_, args) => {
    const eve = await EasyRtcClient.connect(server.url);
    expect(await eve.ask('easyrtcAuth', ...args)).toEqual(errorOf('LOGIN_BAD_AUTH'));
    expect(await eve.closed).toBe('io server disconnect');
  });

  describe.each(['easyrtcCmd', 'easyrtcMsg'])('as %s', (event) => {
    it.each(titled(NOTHING))('is rejected: %s', async (_, args) => {
      const eve = await login();
      expect(await eve.ask(event, ...args)).toMatchObject({ msgType: 'error' });
      for (const values of [args, [...args, { msgType: 'm' }], [...args, null, 'x']]) eve.send(event, ...values);
      expect(await eve.rest()).toEqual([]);
    });
  });

  it.each(['roomJoin', 'roomLeave'])('gets an answer without rooms for a %s without rooms', async (msgType) => {
    const eve = await login();
    expect(await eve.command(msgType, { [msgType]: {} })).toEqual(roomAnswer());
  });

  it.each(['', 'x', 'message', 'error', 'easyrtcauth', 'connection', ...NAMES])(
    'is ignored as the unknown event "%s"',
    async (event) => {
      const eve = await login();
      for (const args of NOTHING) eve.send(event, ...args, () => undefined);
      expect(await eve.rest()).toEqual([]);
    },
  );

  it.each(['/admin', '/__proto__', '/easyrtc'])('is harmless as a request for the namespace %s', async (namespace) => {
    await expect(EasyRtcClient.connect(`${server.url}${namespace}`)).rejects.toThrow('Invalid namespace');
  });

  it.each([
    '42',
    '42[',
    '42[]',
    '42{}',
    '42[null]',
    '42["disconnect"]',
    '43[]',
    '43999["x"]',
    '45',
    '451-[1]',
    '49',
    'x',
  ])('is harmless as the frame %s', async (frame) => {
    const eve = await login();
    eve.socket.io.engine.write(frame);
    await Promise.race([eve.closed, eve.rest()]);
  });
});

describe.each(NAMES)('the name %s', (name) => {
  it('is valid for applications, users, rooms, fields and messages', async () => {
    const roomJoin = rooms(name, 'r');
    const identity = { applicationName: name, username: name, easyrtcsid: name, roomJoin };
    const [eve, dan] = [await login(identity), await login(identity)];
    expect(dan.token).toMatchObject({ application: { applicationName: name }, sessionData: { easyrtcsid: name } });
    expect(Object.keys(dan.token.roomData).sort()).toEqual([name, 'r'].sort());
    expect(Object.keys(dan.token.roomData[name].clientList).sort()).toEqual([eve.id, dan.id].sort());
    expect(dan.entry(name).username).toBe(name);
    await eve.rest();

    const apiField = fields(Object.fromEntries([[name, 1]]));
    const answer = await eve.command('setRoomApiField', { setRoomApiField: { roomName: name, field: apiField } });
    const delta = JSON.stringify(answer.msgData);
    expect(delta).toContain(`"apiField":${JSON.stringify(apiField)}`);
    expect(JSON.stringify((await dan.next()).msgData)).toBe(delta);

    expect(await eve.message({ msgType: name, msgData: name, targetRoom: name })).toEqual(ACK);
    expect(await dan.next()).toMatchObject({ msgType: name, msgData: name, targetRoom: name });
    expect(await eve.roomSizes()).toEqual({ r: 2, ...Object.fromEntries([[name, 2]]) });
    expect(await eve.command('roomLeave', { roomLeave: rooms(name) })).toHaveProperty('msgType', 'roomData');
    expect(JSON.stringify((await dan.next()).msgData)).toContain(`{"removeClient":{"${eve.id}"`);
    expect(await eve.message({ msgType: 'm', targetRoom: name })).toEqual(errorOf('MSG_REJECT_TARGET_ROOM'));
    expect(await eve.command('roomJoin', { roomJoin: rooms(name) })).toHaveProperty('msgType', 'roomData');
    expect((await dan.next()).msgType).toBe('roomData');
  });

  it('matches no client, room or group if none has that name', async () => {
    const eve = await login();
    expect(await eve.command('hangup', undefined, name)).toEqual(errorOf('MSG_REJECT_TARGET_EASYRTCID'));
    expect(await eve.message({ msgType: 'm', targetEasyrtcid: name })).toEqual(errorOf('MSG_REJECT_GEN_FAIL'));
    expect(await eve.message({ msgType: 'm', targetRoom: name })).toEqual(errorOf('MSG_REJECT_TARGET_ROOM'));
    expect(await eve.message({ msgType: 'm', targetGroup: name })).toEqual(errorOf('MSG_REJECT_TARGET_GROUP'));
    expect(await eve.command(name)).toEqual(errorOf('MSG_REJECT_BAD_TYPE'));
    const setRoomApiField = { roomName: name, field: {} };
    expect(await eve.command('setRoomApiField', { setRoomApiField })).toEqual(errorOf('MSG_REJECT_BAD_ROOM'));
  });
});

describe('a path', () => {
  const UP = [
    '..',
    '%2e%2e',
    '.%2e',
    '%2E.',
    '..%2f..',
    '..%5c..',
    '..\\..',
    '%252e%252e',
    '....//',
    '..;',
    '%c0%ae%c0%ae',
  ];

  it.each([
    '/easyrtc',
    '/easyrtc/img',
    '/easyrtc/labs',
    '/socket.io',
    '/socket.io/socket.io.js',
    '/easyrtc/easyrtc.js',
  ])('below %s does not reach other files', async (folder) => {
    const paths = UP.flatMap((up) =>
      ['package.json', 'lib/easyrtc_server.js', '..%2fpackage.json', `${up}/${up}/package.json`].map(
        (file) => `${folder}/${up}/${file}`,
      ),
    );
    const passwd = `${folder}/${'..%2f'.repeat(12)}etc/passwd`;
    for (const path of [...paths, passwd, `${folder}//etc/passwd`, `${folder}/%00`, `${folder}/%`]) {
      const socket = connect(server.port, '127.0.0.1');
      await once(socket, 'connect');
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      const response = await text(socket);
      expect([path, response.split('\r\n')[0]]).toEqual([path, expect.stringMatching(/^HTTP\/1\.1 (30\d|4\d\d) /)]);
      expect(response).not.toMatch(/"version"|root:|require\(|module\.exports/);
    }
  });
});

it('delivers each message once to a client that logs in three times', async () => {
  const [eve, dan] = [await login(), await login()];
  for (let i = 0; i < 3; i++) await eve.login({ roomJoin: rooms('default') });
  await Promise.all([eve.rest(), dan.rest()]);
  expect(await eve.command('offer', { a: 1 }, dan.id)).toEqual(ACK);
  expect(await eve.message({ msgType: 'm', targetRoom: 'default' })).toEqual(ACK);
  expect(await dan.command('answer', { a: 2 }, eve.id)).toEqual(ACK);
  expect((await dan.rest()).map(({ msgType }) => msgType)).toEqual(['offer', 'm']);
  expect((await eve.rest()).map(({ msgType }) => msgType)).toEqual(['answer']);
});

it('removes a client from its application when it logs in to another one', async () => {
  const [eve, dan] = [await login(), await login()];
  const cleo = await login({ applicationName: 'two' });
  const { id } = eve;
  await eve.rest();
  expect((await eve.login({ applicationName: 'two' })).application).toEqual({ applicationName: 'two' });
  expect(eve.id).toBe(id);
  expect(await dan.next()).toHaveProperty('msgData.roomData.default', removed('default', id));
  expect(await cleo.next()).toHaveProperty('msgData.roomData.default', updated('default', eve.entry()));
  expect(await eve.command('hangup', undefined, dan.id)).toEqual(errorOf('MSG_REJECT_TARGET_EASYRTCID'));
  expect(await dan.command('hangup', undefined, id)).toEqual(errorOf('MSG_REJECT_TARGET_EASYRTCID'));
  expect(await cleo.command('hangup', undefined, id)).toEqual(ACK);
  expect(await dan.roomSizes()).toEqual({ default: 1 });
});

describe('a login or join of several rooms', () => {
  let cleo: EasyRtcClient;

  beforeEach(async () => {
    await restart({ easyrtcMaxRoomMembers: 2 });
    cleo = await login({ roomJoin: rooms('open', 'full') });
    await login({ roomJoin: rooms('full') });
    await cleo.rest();
  });

  it.each(
    titled([
      ['open', 'new', 'full'],
      ['full', 'open'],
      ['new', 'full', 'open'],
    ]),
  )('fails as a whole: %s', async (_, names) => {
    const eve = await EasyRtcClient.connect(server.url);
    expect(await eve.authenticate({ roomJoin: rooms(...names) })).toEqual(errorOf('LOGIN_GEN_FAIL'));
    await eve.closed;
    const dan = await login({ roomJoin: rooms('own') });
    const answer = await dan.command('roomJoin', { roomJoin: rooms(...names) });
    expect(answer).toEqual(errorOf('MSG_REJECT_BAD_ROOM'));
    expect(await cleo.roomSizes()).toEqual({ open: 1, full: 2, own: 1 });
    expect(await cleo.rest()).toEqual([]);
    expect(await dan.message({ msgType: 'm', targetRoom: 'open' })).toEqual(errorOf('MSG_REJECT_TARGET_ROOM'));
  });

  it('does not exceed the size of a room under concurrent joins', async () => {
    const clients = await Promise.all(Array.from({ length: 10 }, () => EasyRtcClient.connect(server.url)));
    const answers = await Promise.all(
      clients.map((client, i) => client.authenticate({ roomJoin: rooms(`own${i}`, 'race') })),
    );
    expect(answers.filter(({ msgType }) => msgType === 'token')).toHaveLength(2);
    const refused = answers.filter(({ msgType }) => msgType !== 'token');
    expect(refused).toEqual(Array.from({ length: 8 }, () => errorOf('LOGIN_GEN_FAIL')));
    const sizes = await cleo.roomSizes();
    expect(sizes.race).toBe(2);
    expect(Object.keys(sizes).filter((name) => name.startsWith('own'))).toHaveLength(2);
  });
});

it('keeps no state of a client that disconnects during its login', async () => {
  const dan = await login();
  const clients = await Promise.all(Array.from({ length: 30 }, () => EasyRtcClient.connect(server.url)));
  for (const [i, client] of clients.entries()) {
    client.authenticate({ roomJoin: rooms('default', `own${i}`) }).catch(() => undefined);
    if (i % 2) client.command('roomJoin', { roomJoin: rooms('late') }).catch(() => undefined);
    await (i % 3 ? client.close() : client.cut());
  }
  await until(async () => JSON.stringify(await dan.roomSizes()) === '{"default":1}');
  const present = new Set<string>();
  for (const { msgData } of await dan.rest()) {
    const { clientListDelta } = (msgData as { roomData: Record<string, { clientListDelta: Record<string, object> }> })
      .roomData.default;
    for (const id of Object.keys(clientListDelta.updateClient ?? {})) present.add(id);
    for (const id of Object.keys(clientListDelta.removeClient ?? {})) present.delete(id);
  }
  expect([...present]).toEqual([]);
});

it('ends a room after the last client has left', async () => {
  const dan = await login();
  for (let i = 0; i < 3; i++) {
    const eve = await login({ roomJoin: rooms('one', 'two') });
    expect(await dan.roomSizes()).toEqual({ default: 1, one: 1, two: 1 });
    await eve.command('roomLeave', { roomLeave: rooms('one') });
    expect(await dan.roomSizes()).toEqual({ default: 1, two: 1 });
    await eve.close();
    await until(async () => !('two' in (await dan.roomSizes())));
  }
});

it('disconnects a client with LOGIN_TIMEOUT if it does not log in in time', async () => {
  await restart({ loginTimeoutMs: 1000 });
  const eve = await EasyRtcClient.connect(server.url);
  eve.send('easyrtcCmd', { msgType: 'stillAlive' }, () => undefined);
  const msgData = { errorCode: 'LOGIN_TIMEOUT', errorText: ERROR_TEXTS.LOGIN_TIMEOUT };
  expect(await eve.nextOf('error')).toMatchObject({ msgType: 'error', msgData });
  expect(eve.arrivals.at(-1)?.event).toBe('easyrtcCmd');
  expect(await eve.closed).toBe('io server disconnect');
});

describe.each(TRANSPORTS)('over %s', (transport) => {
  const transports = [transport];

  it('disconnects a client that sends too fast', async () => {
    await restart({ framesPerSecond: 10, frameBurst: 40 });
    const eve = await login({}, { transports });
    let answers = 0;
    for (let i = 0; i < 500; i++) eve.send('easyrtcCmd', { msgType: 'getIceConfig' }, () => answers++);
    await eve.closed;
    expect(answers).toBeLessThan(100);

    const dan = await EasyRtcClient.connect(server.url, { transports });
    for (let i = 0; i < 500; i++) dan.send('x', i);
    await dan.closed;
  });

  it.each([
    ['the default', {}, 1_048_576],
    ['16 KiB', { maxFrameBytes: 16_384 }, 16_384],
  ])('closes the connection after a message above %s, but not after a smaller one', async (_, options, limit) => {
    await restart(options);
    const [eve, dan] = [await login({}, { transports }), await login()];
    await eve.rest();
    const send = (msgData: unknown) => eve.message({ msgType: 'm', msgData, targetEasyrtcid: dan.id });
    expect(await send('x'.repeat(limit - 500))).toEqual(ACK);
    expect((await dan.next()).msgData).toHaveLength(limit - 500);
    await expect(send('x'.repeat(limit))).rejects.toThrow('closed');
    expect(await dan.next()).toHaveProperty('msgData.roomData.default', removed('default', eve.id));
  });

  it.each(['maxConnections', 'maxConnectionsPerIp'])('rejects connections beyond %s', async (option) => {
    await restart({ [option]: 3 });
    const eve = await login({}, { transports });
    for (let i = 0; i < 3; i++) await expect(EasyRtcClient.connect(server.url, { transports })).rejects.toThrow();
    await eve.close();
    await until(() =>
      login({}, { transports }).then(
        () => true,
        () => false,
      ),
    );
  });
});

it('survives 20,000 mutated messages without effects on others or leftover state', async () => {
  await restart({ framesPerSecond: 1_000_000, frameBurst: 1_000_000 });
  const mutations = new Mutations(20_261_121);
  const clients = [await login(), await login(), await login()];
  let sent = 0;
  for (let turn = 0; sent < 20_000; turn++) {
    const at = turn % clients.length;
    if (!clients[at].socket.connected) clients[at] = await login();
    const client = clients[at];
    const ids = clients.map(({ id }) => id);
    for (let i = 0, isLast = false; i < 20 && !isLast; i++, sent++) isLast = mutations.send(client.socket, ids);
    await Promise.race([client.closed, client.command('getRoomList')]);
    if (turn % 100 === 0) {
      expect(await ann.message({ msgType: 'm', targetRoom: 'default' })).toEqual(ACK);
      expect((await bob.next()).msgType).toBe('m');
    }
  }
  expect(await ann.roomSizes()).toEqual({ default: 2 });
});
