import type { Config } from '../../../src/config/config.js';
import { borrowServer } from '../../support/borrowed-server.js';
import {
  ACK,
  aTime,
  EasyRtcClient,
  type Entry,
  type ErrorCode,
  errorOf,
  fields,
  type Received,
  removed,
  roomAnswer,
  roomNews,
  rooms,
  titled,
  updated,
} from '../../support/easyrtc-client.js';
import { until } from '../../support/peerjs-socket.js';
import type { TestServer } from '../../support/server.js';

const RELAYED = ['candidate', 'offer', 'answer'];
const BARE = ['reject', 'hangup'];

let server: TestServer;
/** Ann and Bob are in `default` and know each other; `stranger` is in another application. */
let ann: EasyRtcClient;
let bob: EasyRtcClient;
let stranger: EasyRtcClient;

const login = (msgData: object = {}) => EasyRtcClient.login(server.url, msgData);

async function start(options: Partial<Config> = {}): Promise<void> {
  server = await borrowServer(options);
  stranger = await login({ applicationName: 'other' });
  ann = await login({ username: 'Ann' });
  bob = await login();
  await ann.rest();
}

beforeEach(() => start());

/** Returns the room deltas of these messages, sorted by room name. */
function roomsOf(messages: readonly Received[]): object[] {
  const news = messages.flatMap(({ msgData }) =>
    Object.entries((msgData as { roomData: Record<string, object> }).roomData),
  );
  return news.sort(([a], [b]) => a.localeCompare(b)).map(([, delta]) => delta);
}

async function areUndisturbed(...clients: EasyRtcClient[]): Promise<void> {
  for (const client of clients) expect(await client.rest()).toEqual([]);
}

describe('an EasyRTC command', () => {
  it('is delivered in order', async () => {
    const sent: [string, object | undefined][] = [];
    for (let i = 0; i < 200; i++) sent.push(i % 4 ? [RELAYED[i % 3], { i }] : [BARE[i % 2], undefined]);
    const answers = await Promise.all(sent.map(([msgType, msgData]) => ann.command(msgType, msgData, bob.id)));
    expect(answers).toEqual(sent.map(() => ACK));
    const came = (await bob.rest()).map(({ msgType, msgData }) => [msgType, msgData]);
    expect(came).toEqual(sent);
  });

  it.each(titled([undefined, null, '', 5, {}, 'Offer', 'offer ', 'toString', '__proto__', 'constructor']))(
    'with the msgType %s is rejected with MSG_REJECT_BAD_TYPE',
    async (_, msgType) => {
      expect(await ann.command(msgType, { a: 1 }, bob.id)).toEqual(errorOf('MSG_REJECT_BAD_TYPE'));
      await areUndisturbed(bob);
    },
  );

  it('without an ack is ignored', async () => {
    ann.send('easyrtcCmd', { msgType: 'offer', msgData: { a: 1 }, targetEasyrtcid: bob.id });
    ann.send('easyrtcCmd', { msgType: 'roomLeave', msgData: { roomLeave: rooms('default') } });
    ann.send('easyrtcMsg', { msgType: 'm', targetEasyrtcid: bob.id });
    await areUndisturbed(ann, bob);
    expect(await ann.roomSizes()).toEqual({ default: 2 });
  });

  it('requests an ack when the server emits it', async () => {
    await ann.command('offer', { a: 1 }, bob.id);
    await ann.command('setPresence', { setPresence: { show: 'xa' } });
    await ann.message({ msgType: 'm', targetRoom: 'default' });
    await bob.rest();
    expect(bob.arrivals.map(({ event, message, withAck }) => [event, message.msgType, withAck])).toEqual([
      ['easyrtcCmd', 'offer', true],
      ['easyrtcCmd', 'roomData', true],
      ['easyrtcMsg', 'm', true],
    ]);
  });
});

describe('getIceConfig', () => {
  it.each(titled([undefined, {}]))('with the msgData %s returns the ICE servers', async (_, msgData) => {
    const iceServers = [{ urls: ['stun:stun.l.google.com:19302'] }];
    expect(await ann.command('getIceConfig', msgData)).toEqual({ msgType: 'iceConfig', msgData: { iceConfig: { iceServers } } }); // prettier-ignore
  });

  it('returns the configured servers, like the token', async () => {
    await server.close();
    const iceServers = [{ urls: ['turn:t:1', 'turns:t:2'], username: 'u', credential: 'c' }, { urls: 'stun:s' }];
    await start({ iceServers });
    expect(await ann.command('getIceConfig')).toHaveProperty('msgData.iceConfig', { iceServers });
    expect(ann.token.iceConfig).toEqual({ iceServers });
  });
});

it('converts the url key of configured servers to urls', async () => {
  await server.close();
  const credentials = { username: 'u', credential: 'c' };
  const written = [{ url: 'stun:s' }, { url: 'turn:t:1', ...credentials }];
  await start({ iceServers: written as unknown as Config['iceServers'] });
  const iceServers = [{ urls: 'stun:s' }, { urls: 'turn:t:1', ...credentials }];
  expect(ann.token.iceConfig).toEqual({ iceServers });
  expect(await ann.command('getIceConfig')).toHaveProperty('msgData.iceConfig', { iceServers });
});

describe('getRoomList', () => {
  it('counts the clients in each room of the application', async () => {
    await login({ roomJoin: rooms('elsewhere') });
    await login({ applicationName: 'other', roomJoin: rooms('theirs') });
    const roomList = {
      default: { roomName: 'default', numberClients: 2 },
      elsewhere: { roomName: 'elsewhere', numberClients: 1 },
    };
    expect(await ann.command('getRoomList')).toEqual({ msgType: 'roomList', msgData: { roomList } });
  });
});

describe('roomJoin', () => {
  const join = (client: EasyRtcClient, ...names: string[]) => client.command('roomJoin', { roomJoin: rooms(...names) });

  it('returns the current rooms, and members get one message per room', async () => {
    const cleo = await login({ username: 'Cleo', roomJoin: rooms('a', 'b') });
    const answer = await ann.command('roomJoin', {
      roomJoin: { ...rooms('a', 'b'), new: { roomName: 'new', roomParameter: { p: 1 }, extra: null } },
    });
    const self = { ...ann.entry(), roomJoinTime: aTime };
    const room = (roomName: string, ...others: EasyRtcClient[]) => {
      const list = others.map((other) => [other.id, other.entry(roomName)]);
      const clientList = { [ann.id]: self, ...(Object.fromEntries(list) as Record<string, Entry>) };
      return { roomName, roomStatus: 'join', clientList };
    };
    expect(answer).toEqual(roomAnswer(room('a', cleo), room('b', cleo), room('new')));
    expect(roomsOf(await cleo.rest())).toEqual([updated('a', self), updated('b', self)]);
    await areUndisturbed(ann, bob, stranger);
  });

  it('sends members a message of this shape', async () => {
    const cleo = await login({ roomJoin: rooms('a') });
    await join(ann, 'a');
    expect(await cleo.next()).toEqual(roomNews(cleo, updated('a', { ...ann.entry(), roomJoinTime: aTime })));
  });

  it('to a full room is rejected with MSG_REJECT_BAD_ROOM', async () => {
    await server.close();
    await start({ easyrtcMaxRoomMembers: 2 });
    const cleo = await login({ roomJoin: rooms('a') });
    expect(await join(cleo, 'default')).toEqual(errorOf('MSG_REJECT_BAD_ROOM'));
    await areUndisturbed(ann, bob);
    expect(await ann.roomSizes()).toEqual({ default: 2, a: 1 });
  });

  it('to a missing room without auto-creation is rejected with MSG_REJECT_BAD_ROOM', async () => {
    await server.close();
    await start({ easyrtcAutoCreateRooms: false });
    expect(await join(ann, 'a')).toEqual(errorOf('MSG_REJECT_BAD_ROOM'));
    expect(await ann.roomSizes()).toEqual({ default: 2 });
  });
});

describe('roomLeave', () => {
  const leave = (client: EasyRtcClient, ...names: string[]) =>
    client.command('roomLeave', { roomLeave: rooms(...names) });
  const left = (roomName: string) => ({ roomName, roomStatus: 'leave' });

  it('is answered for each room, and the members are notified', async () => {
    const cleo = await login({ roomJoin: rooms('a', 'default') });
    await Promise.all([ann.rest(), bob.rest()]);
    expect(await leave(cleo, 'a', 'default')).toEqual(roomAnswer(left('a'), left('default')));
    for (const member of [ann, bob]) {
      expect(await member.rest()).toEqual([roomNews(member, removed('default', cleo.id))]);
    }
    await areUndisturbed(cleo);
    expect(await ann.message({ msgType: 'm', targetRoom: 'default' })).toEqual(ACK);
    await areUndisturbed(cleo);
  });

  it.each(['elsewhere', 'default', 'toString'])('of %s, never joined, gets the same answer', async (room) => {
    const cleo = await login({ roomJoin: rooms('a') });
    expect(await leave(cleo, room)).toEqual(roomAnswer(left(room)));
    await areUndisturbed(ann, bob, cleo);
  });
});

describe('setRoomApiField', () => {
  const set = (roomName: unknown, field?: unknown) =>
    ann.command('setRoomApiField', { setRoomApiField: { roomName, field } });
  const entry = (apiField: object) => ({ ...ann.entry(), apiField });

  it('replaces the whole map for the client and the members', async () => {
    for (const field of [fields({ a: 1, 'b c.-_': { x: [null] } }), fields({ a: 'two' })]) {
      expect(await set('default', field)).toEqual(roomAnswer(updated('default', entry(field))));
      expect(await bob.rest()).toEqual([roomNews(bob, updated('default', entry(field)))]);
    }
    await areUndisturbed(ann, stranger);
  });

  it.each([
    ['an empty map', {}],
    ['no map', undefined],
  ])('clears the map with %s, and members receive an empty map', async (_, field) => {
    await set('default', fields({ a: 1 }));
    await bob.rest();
    expect(await set('default', field)).toEqual(roomAnswer(updated('default', entry({}))));
    expect(await bob.rest()).toEqual([roomNews(bob, updated('default', entry({})))]);
  });

  it('applies to a single room', async () => {
    await ann.command('roomJoin', { roomJoin: rooms('a') });
    await set('a', fields({ f: 1 }));
    const cleo = await login({ roomJoin: rooms('a', 'default') });
    expect(cleo.token.roomData.a.clientList[ann.id].apiField).toEqual(fields({ f: 1 }));
    expect(cleo.token.roomData.default.clientList[ann.id].apiField ?? {}).toEqual({});
  });

  it.each(titled(['elsewhere', 'theirs', '', 'a b', 'x'.repeat(33), undefined, null, 5]))(
    'in the room %s is rejected with MSG_REJECT_BAD_ROOM',
    async (_, room) => {
      await login({ roomJoin: rooms('theirs') });
      expect(await set(room, fields({ f: 1 }))).toEqual(errorOf('MSG_REJECT_BAD_ROOM'));
    },
  );

  it('accepts 4095 characters but not 4096', async () => {
    const of = (length: number) => fields({ f: 'x'.repeat(length - JSON.stringify(fields({ f: '' })).length) });
    expect(await set('default', of(4096))).toEqual(errorOf('MSG_REJECT_BAD_SIZE'));
    await areUndisturbed(bob);
    expect(await set('default', of(4095))).toEqual(roomAnswer(updated('default', entry(of(4095)))));
  });
});

describe('setPresence', () => {
  const set = (presence: object) => ann.command('setPresence', { setPresence: presence });

  it('is answered for every room, and others receive one message with their shared rooms', async () => {
    await ann.command('roomJoin', { roomJoin: rooms('a', 'b') });
    const cleo = await login({ roomJoin: rooms('a', 'default', 'own') });
    await Promise.all([ann.rest(), bob.rest()]);
    const presence = { show: 'away', status: 'at lunch' };
    const entry = { ...ann.entry(), roomJoinTime: aTime, presence };
    const delta = (room: string) => updated(room, entry);
    expect(await set(presence)).toEqual(roomAnswer(delta('default'), delta('a'), delta('b')));
    expect(await cleo.rest()).toEqual([roomNews(cleo, delta('a'), delta('default'))]);
    expect(await bob.rest()).toEqual([roomNews(bob, delta('default'))]);
    await areUndisturbed(ann, stranger);
  });

  it('keeps fields that it does not contain', async () => {
    for (const [given, presence] of [
      [{ show: 'dnd' }, { show: 'dnd', status: null }],
      [{ status: 'x'.repeat(255) }, { show: 'dnd', status: 'x'.repeat(255) }],
      [
        { show: 'chat', status: '' },
        { show: 'chat', status: '' },
      ],
    ]) {
      expect(await set(given)).toEqual(roomAnswer(updated('default', { ...ann.entry(), presence } as never)));
    }
  });
});

it.each(titled([{ p2pList: { x: {} } }, { userSettings: { a: 1 } }, { any: 1 }]))(
  'setUserCfg with %s is acknowledged',
  async (_, setUserCfg) => expect(await ann.command('setUserCfg', { setUserCfg })).toEqual(ACK),
);

it('stillAlive is acknowledged', async () => {
  expect(await ann.command('stillAlive')).toEqual(ACK);
});

describe('a rejected command', () => {
  const NO_OBJECTS = [undefined, null, '', 'x', 5, true];
  const BAD_ROOMS = [
    ...NO_OBJECTS,
    ...['', 'a b', 'a/b', 'ä', 'x'.repeat(33)].map((name) => rooms(name)),
    ...[null, 'r', 5, {}, { roomName: 's' }, { roomName: null }, { roomName: 5 }].map((r) => ({ r, ...rooms('good') })),
  ];
  const bad = (msgType: string, values: readonly unknown[]) => values.map((value) => [msgType, { [msgType]: value }]);
  const CASES: [ErrorCode, unknown[][]][] = [
    [
      'MSG_REJECT_BAD_DATA',
      [
        ...['roomJoin', 'roomLeave', 'setRoomApiField', 'setPresence', 'setUserCfg'].flatMap((msgType) =>
          NO_OBJECTS.map((msgData) => [msgType, msgData]),
        ),
        ...[null, {}, '', { a: 1 }].map((msgData) => ['getRoomList', msgData]),
        ...[{ a: 1 }, [1], 'x'].map((msgData) => ['getIceConfig', msgData]),
      ],
    ],
    [
      'MSG_REJECT_BAD_STRUCTURE',
      [
        ...bad('roomJoin', BAD_ROOMS),
        ...bad('roomLeave', BAD_ROOMS),
        ...bad('setRoomApiField', [...NO_OBJECTS, {}]),
        ...bad('setRoomApiField', [null, 'x', 5].map((field) => ({ roomName: 'default', field }))), // prettier-ignore
        ...bad('setPresence', [...NO_OBJECTS, {}]),
        ...bad('setPresence', [null, '', 'busy', 'CHAT', 5].map((show) => ({ show }))), // prettier-ignore
        ...bad('setPresence', [null, 5, {}, 'x'.repeat(256)].map((status) => ({ show: 'xa', status }))), // prettier-ignore
        ...bad('setUserCfg', [...NO_OBJECTS, {}]),
      ],
    ],
  ];

  describe.each(CASES)('with %s', (code, cases) => {
    it.each(cases.map(([msgType, msgData]) => [msgType, JSON.stringify(msgData)?.slice(0, 70), msgData]))(
      '%s with %s notifies no other client',
      async (msgType, _, msgData) => {
        expect(await ann.command(msgType, msgData)).toEqual(errorOf(code));
        expect(await ann.roomSizes()).toEqual({ default: 2 });
        await areUndisturbed(ann, bob);
      },
    );
  });

  it.each(titled([...NO_OBJECTS.slice(1)]))('may be the packet %s, which is no object', async (_, packet) => {
    expect(await ann.ask('easyrtcCmd', packet)).toEqual(errorOf('MSG_REJECT_BAD_STRUCTURE'));
    await areUndisturbed(ann, bob);
  });
});

it.each([
  ['closes', (client: EasyRtcClient) => client.close()],
  ['is cut off', (client: EasyRtcClient) => client.cut()],
])('a client that %s is removed from each of its rooms without a hangup', async (_, end) => {
  const cleo = await login({ roomJoin: rooms('default', 'a', 'own') });
  await ann.command('roomJoin', { roomJoin: rooms('a') });
  await Promise.all([ann.rest(), bob.rest()]);
  await end(cleo);
  await until(async () => (await bob.roomSizes()).default === 2);
  expect(roomsOf(await ann.rest())).toEqual([removed('a', cleo.id), removed('default', cleo.id)]);
  expect(await bob.next()).toEqual(roomNews(bob, removed('default', cleo.id)));
  await areUndisturbed(ann, bob);
});
