import type { Config } from '../../../src/config/config.js';
import { borrowServer } from '../../support/borrowed-server.js';
import {
  ACK,
  aTime,
  authentication,
  EasyRtcClient,
  type ErrorCode,
  errorOf,
  removed,
  roomNews,
  rooms,
  titled,
  updated,
} from '../../support/easyrtc-client.js';
import type { TestServer } from '../../support/server.js';

let server: TestServer;

async function start(options: Partial<Config> = {}): Promise<void> {
  server = await borrowServer(options);
}

const login = (msgData: object = {}) => EasyRtcClient.login(server.url, msgData);

/** The entry of a client that has just joined. */
const entryOf = (easyrtcid: string, more: object = {}) => ({
  easyrtcid,
  roomJoinTime: aTime,
  presence: { show: 'chat', status: null },
  ...more,
});

describe('a login to EasyRTC', () => {
  beforeEach(() => start());

  it('returns a token of exactly this shape', async () => {
    const ann = await EasyRtcClient.connect(server.url);
    const answer = await ann.authenticate();
    const id = (answer.msgData as { easyrtcid: string }).easyrtcid;
    expect(id).toMatch(/^[A-Za-z0-9]{16}$/);
    expect(answer).toEqual({
      msgType: 'token',
      msgData: {
        roomData: { default: { roomName: 'default', roomStatus: 'join', clientList: { [id]: entryOf(id) } } },
        application: { applicationName: 'app' },
        easyrtcid: id,
        iceConfig: { iceServers: [{ urls: ['stun:stun.l.google.com:19302'] }] },
        serverTime: aTime,
      },
    });
  });

  it('lists the clients already in the room with all of their data', async () => {
    const ann = await login({ username: 'Ann 😀', setPresence: { show: 'dnd', status: 'busy' } });
    await ann.command('setRoomApiField', { setRoomApiField: { roomName: 'default', field: { f: { fieldName: 'f', fieldValue: [1] } } } }); // prettier-ignore
    const bob = await login({ username: 'Bob' });
    expect(bob.token.roomData.default.clientList).toEqual({
      [ann.id]: entryOf(ann.id, {
        username: 'Ann 😀',
        presence: { show: 'dnd', status: 'busy' },
        apiField: { f: { fieldName: 'f', fieldValue: [1] } },
      }),
      [bob.id]: entryOf(bob.id, { username: 'Bob' }),
    });
  });

  it('gives every client its own id', async () => {
    const ids = new Set<string>();
    for (let i = 0; i < 20; i++) ids.add((await login()).id);
    expect(ids.size).toBe(20);
  });

  it('without an application uses the application default', async () => {
    const ann = await login({ applicationName: undefined });
    expect(ann.token.application).toEqual({ applicationName: 'default' });
    const bob = await login({ applicationName: 'default' });
    expect(bob.token.roomData.default.clientList).toHaveProperty(ann.id);
  });

  it('separates applications', async () => {
    const ann = await login({ applicationName: 'one' });
    const bob = await login({ applicationName: 'two' });
    expect(Object.keys(bob.token.roomData.default.clientList)).toEqual([bob.id]);
    expect(await ann.rest()).toEqual([]);
  });

  it.each([
    ['no roomJoin', undefined],
    ['an empty roomJoin', {}],
  ])('with %s joins the room default', async (_, roomJoin) => {
    const ann = await login({ roomJoin });
    expect(Object.keys(ann.token.roomData)).toEqual(['default']);
    expect(await ann.roomSizes()).toEqual({ default: 1 });
  });

  it('joins exactly the rooms it names and creates missing ones', async () => {
    const ann = await login({ roomJoin: rooms('one') });
    const bob = await login({ roomJoin: rooms('one', 'two') });
    expect(bob.token.roomData).toEqual({
      one: {
        roomName: 'one',
        roomStatus: 'join',
        clientList: { [ann.id]: entryOf(ann.id), [bob.id]: entryOf(bob.id) },
      },
      two: { roomName: 'two', roomStatus: 'join', clientList: { [bob.id]: entryOf(bob.id) } },
    });
    expect(await bob.roomSizes()).toEqual({ one: 2, two: 1 });
  });

  it('accepts room parameters and the room objects stored by the library', async () => {
    const roomJoin = {
      plain: { roomName: 'plain', roomParameter: { any: ['thing'] } },
      stored: { roomName: 'stored', roomStatus: 'join', clientList: { x: {} }, field: {}, extra: null },
    };
    const ann = await login({ roomJoin, extra: 1, setUserCfg: { p2pList: {} } });
    expect(Object.keys(ann.token.roomData).sort()).toEqual(['plain', 'stored']);
    expect(Object.keys(ann.token.roomData.stored.clientList)).toEqual([ann.id]);
  });

  it('notifies each member once per shared room, and not the new client', async () => {
    const ann = await login({ roomJoin: rooms('a') });
    const bob = await login({ roomJoin: rooms('b', 'c') });
    const cleo = await login({ username: 'Cleo', roomJoin: rooms('a', 'b') });
    expect(await ann.rest()).toEqual([roomNews(ann, updated('a', cleo.entry('a')))]);
    expect(await bob.rest()).toEqual([roomNews(bob, updated('b', cleo.entry('b')))]);
    expect(cleo.entry('a')).toEqual(entryOf(cleo.id, { username: 'Cleo' }));
    expect(await cleo.rest()).toEqual([]);
  });

  it.each(titled([{ show: 'away' }, { show: 'xa', status: '' }, { status: 'x'.repeat(255) }]))(
    'accepts the presence %s',
    async (_, setPresence) => {
      const ann = await login({ setPresence });
      expect(ann.entry().presence).toEqual({ show: 'chat', status: null, ...setPresence });
    },
  );

  it('returns a session if it names one', async () => {
    const easyrtcsid = 's%3A_.-9'.padEnd(100, 'x');
    const ann = await login({ easyrtcsid });
    expect(ann.token.sessionData).toEqual({ easyrtcsid });
  });

  it.each(
    titled([
      { apiVersion: 'x' },
      { apiVersion: '9.9.9-Rc_1+b'.padEnd(32, '0') },
      { applicationName: 'App_1.0-x'.padEnd(32, 'x') },
      { username: 'ü'.repeat(64) },
      { username: ' ' },
      { credential: { any: { thing: 1 } } },
      { roomJoin: rooms('Room_1.0-x'.padEnd(32, 'x')) },
    ]),
  )('is accepted with %s', async (_, msgData) => {
    expect(await (await EasyRtcClient.connect(server.url)).authenticate(msgData)).toHaveProperty('msgType', 'token');
  });
});

describe('a rejected EasyRTC login', () => {
  const LONG = 'x'.repeat(33);
  const named = (roomName: unknown) => ({ r: { roomName } });
  const BAD_STRUCTURE = [
    ...['', 'a b', 'ä', LONG].map((apiVersion) => ({ apiVersion })),
    ...['', null, 5, {}, 'a b', 'ä', 'a/b', 'a\n', LONG].map((applicationName) => ({ applicationName })),
    ...['', null, 5, 'a b', 'x'.repeat(101)].map((easyrtcsid) => ({ easyrtcsid })),
    ...['', null, 5, {}, 'a\nb', 'x'.repeat(65)].map((username) => ({ username })),
    ...[null, {}, [], 'x', 5, true].map((credential) => ({ credential })),
    ...[null, {}, 'chat', 5].map((setPresence) => ({ setPresence })),
    ...['busy', 'CHAT', '', null, 5, 'chat '].map((show) => ({ setPresence: { show } })),
    ...[null, 5, {}, 'x'.repeat(256)].map((status) => ({ setPresence: { show: 'chat', status } })),
    ...['', 'a b', 'a/b', 'ä', LONG].map((name) => ({ roomJoin: rooms(name) })),
    ...['s', 'R', '', null, 5, undefined, ['r']].map((name) => ({ roomJoin: named(name) })),
    ...[null, 'r', 5, true].map((room) => ({ roomJoin: { ...rooms('good'), r: room } })),
    ...[null, 'x', 5].map((roomParameter) => ({ roomJoin: { r: { roomName: 'r', roomParameter } } })),
  ];
  const NO_MSG_DATA = [undefined, null, 'x', 5, true, [], {}];

  async function isRejected(packet: unknown, code: ErrorCode): Promise<void> {
    const ann = await EasyRtcClient.connect(server.url);
    expect(await ann.ask('easyrtcAuth', packet)).toEqual(errorOf(code));
    expect(await ann.closed).toBe('io server disconnect');
  }

  beforeEach(() =>
    start({ easyrtcApplications: new Map([['app', 'app']]), easyrtcAutoCreateRooms: false, easyrtcMaxRoomMembers: 2 }),
  );

  it.each(titled([undefined, null, '', 'Authenticate', 'token', 5, ['authenticate']]))(
    'answers the msgType %s with LOGIN_BAD_AUTH',
    async (_, msgType) => isRejected({ ...authentication(), msgType }, 'LOGIN_BAD_AUTH'),
  );

  it.each([
    ...titled(NO_MSG_DATA.map((msgData) => ({ msgType: 'authenticate', msgData }))),
    ...titled([undefined, null, 5, {}, ['1.1.1-beta']].map((apiVersion) => authentication({ apiVersion }))),
    ...titled([null, 'x', 5, true].map((roomJoin) => authentication({ roomJoin }))),
  ])('answers %s with LOGIN_BAD_STRUCTURE', async (_, packet) => isRejected(packet, 'LOGIN_BAD_STRUCTURE'));

  it.each(titled(BAD_STRUCTURE))('answers %s with MSG_REJECT_BAD_STRUCTURE', async (_, msgData) =>
    isRejected(authentication(msgData), 'MSG_REJECT_BAD_STRUCTURE'),
  );

  it.each(['other', 'default', 'App', undefined])(
    'answers the unknown application %s with LOGIN_APP_AUTH_FAIL',
    async (applicationName) => isRejected(authentication({ applicationName }), 'LOGIN_APP_AUTH_FAIL'),
  );

  it('answers an unknown room with LOGIN_BAD_ROOM, but not the room default', async () => {
    await isRejected(authentication({ roomJoin: rooms('other') }), 'LOGIN_BAD_ROOM');
    await isRejected(authentication({ roomJoin: rooms('default', 'other') }), 'LOGIN_BAD_ROOM');
    await login();
    await login({ roomJoin: rooms('default') });
  });

  it('answers a full room with LOGIN_GEN_FAIL until a member leaves', async () => {
    const [ann, bob] = [await login(), await login()];
    await isRejected(authentication(), 'LOGIN_GEN_FAIL');
    await bob.close();
    expect(await ann.nextOf('roomData')).toHaveProperty('msgData.roomData.default.clientListDelta.updateClient');
    expect(await ann.nextOf('roomData')).toEqual(roomNews(ann, removed('default', bob.id)));
    await login();
  });

  it('notifies no member of its room', async () => {
    const ann = await login();
    for (const msgData of [{ username: '' }, { applicationName: 'other' }, { roomJoin: rooms('default', 'other') }]) {
      const bob = await EasyRtcClient.connect(server.url);
      expect(await bob.authenticate(msgData)).toHaveProperty('msgType', 'error');
      await bob.closed;
    }
    expect(await ann.rest()).toEqual([]);
    expect(await ann.roomSizes()).toEqual({ default: 1 });
  });
});

describe('a second login of the same EasyRTC client', () => {
  beforeEach(() => start());

  it('keeps the id, takes the new username and notifies each member once', async () => {
    const ann = await login();
    const bob = await login({ username: 'Bob' });
    await ann.nextOf('roomData');
    const { id } = bob;
    const token = await bob.login({ username: 'Robert', roomJoin: bob.token.roomData, credential: { a: 1 } });
    expect(token.easyrtcid).toBe(id);
    expect(token.roomData.default.clientList).toEqual({
      [ann.id]: entryOf(ann.id),
      [id]: entryOf(id, { username: 'Robert' }),
    });
    expect(await ann.rest()).toEqual([roomNews(ann, updated('default', bob.entry()))]);
    expect(await bob.rest()).toEqual([]);
    expect(await ann.roomSizes()).toEqual({ default: 2 });
  });

  it('joins the new rooms', async () => {
    const ann = await login({ roomJoin: rooms('a') });
    const bob = await login({ roomJoin: rooms('b') });
    await bob.login({ roomJoin: rooms('a', 'b') });
    expect(bob.token.roomData).toMatchObject({ a: { roomStatus: 'join' }, b: { roomStatus: 'join' } });
    expect(await ann.rest()).toEqual([roomNews(ann, updated('a', bob.entry('a')))]);
    expect(await ann.message({ msgType: 'm', targetRoom: 'a' })).toEqual(ACK);
    expect(await bob.nextOf('m')).toMatchObject({ senderEasyrtcid: ann.id, targetRoom: 'a' });
  });

  it('returns the rooms of the client in its token', async () => {
    const ann = await login({ roomJoin: rooms('a', 'b') });
    await ann.login({ roomJoin: rooms('b', 'c') });
    const sizes = await ann.roomSizes();
    const joined = Object.keys(sizes).filter((room) => sizes[room] === 1);
    expect(Object.keys(ann.token.roomData).sort()).toEqual(joined.sort());
    expect(joined).toEqual(expect.arrayContaining(['b', 'c']));
  });

  it('disconnects the client and notifies the members if it is rejected', async () => {
    const [ann, bob] = [await login(), await login()];
    await ann.nextOf('roomData');
    expect(await bob.authenticate({ username: '' })).toEqual(errorOf('MSG_REJECT_BAD_STRUCTURE'));
    await bob.closed;
    expect(await ann.next()).toEqual(roomNews(ann, removed('default', bob.id)));
    expect(await ann.command('hangup', undefined, bob.id)).toEqual(errorOf('MSG_REJECT_TARGET_EASYRTCID'));
  });
});

describe('signals sent by an EasyRTC client before its login', () => {
  beforeEach(() => start());

  it('have no effect', async () => {
    const ann = await login();
    const bob = await EasyRtcClient.connect(server.url);
    const answers: unknown[] = [];
    const keep = (answer: unknown) => answers.push(answer);
    bob.send('easyrtcCmd', { msgType: 'offer', msgData: { sdp: 'x' }, targetEasyrtcid: ann.id }, keep);
    bob.send('easyrtcCmd', { msgType: 'roomJoin', msgData: { roomJoin: rooms('early') } }, keep);
    bob.send('easyrtcMsg', { msgType: 'm', targetEasyrtcid: ann.id }, keep);
    await bob.login();
    await bob.rest();
    expect(await ann.rest()).toEqual([roomNews(ann, updated('default', bob.entry()))]);
    expect(await ann.roomSizes()).toEqual({ default: 2 });
    for (const answer of answers) expect(answer).toEqual(errorOf('MSG_REJECT_NO_AUTH'));
  });

  it('are processed in order once a pending login succeeds', async () => {
    const ann = await login();
    const bob = await EasyRtcClient.connect(server.url);
    const order: string[] = [];
    const told = async (name: string, answer: Promise<unknown>) => {
      await answer;
      order.push(name);
    };
    const answers = [
      told('login', bob.login()),
      told(
        'offer',
        bob.command('offer', { sdp: 1 }, ann.id).then((answer) => expect(answer).toEqual(ACK)),
      ),
      told(
        'm',
        bob.message({ msgType: 'm', targetRoom: 'default' }).then((answer) => expect(answer).toEqual(ACK)),
      ),
      told(
        'hangup',
        bob.command('hangup', undefined, ann.id).then((answer) => expect(answer).toEqual(ACK)),
      ),
    ];
    await Promise.all(answers);
    expect(order).toEqual(['login', 'offer', 'm', 'hangup']);
    expect((await ann.rest()).map(({ msgType }) => msgType)).toEqual(['roomData', 'offer', 'm', 'hangup']);
  });

  it('are rejected with MSG_REJECT_NO_AUTH if the login fails', async () => {
    const ann = await login();
    const bob = await EasyRtcClient.connect(server.url);
    const answers = await Promise.all([
      bob.authenticate({ username: '' }),
      bob.command('offer', { sdp: 1 }, ann.id),
      bob.message({ msgType: 'm', targetEasyrtcid: ann.id }),
    ]);
    const refused = errorOf('MSG_REJECT_NO_AUTH');
    expect(answers).toEqual([errorOf('MSG_REJECT_BAD_STRUCTURE'), refused, refused]);
    await bob.closed;
    expect(await ann.rest()).toEqual([]);
  });
});
