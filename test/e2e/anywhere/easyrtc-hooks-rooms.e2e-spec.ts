import { type Config, DomainError, type EasyRtcHooks, type EasyRtcPeer } from '../../../src/index.js';
import { ACK, EasyRtcClient, errorOf, type Received, roomNews, rooms, updated } from '../../support/easyrtc-client.js';
import { Gate, type HookedServer, newcomers, startWithHooks } from '../../support/hooked-server.js';
import { until } from '../../support/peerjs-socket.js';

let server: HookedServer;
/** Joins `default`, `open` and `closed` without recorded hook calls. */
let ann: EasyRtcClient;
/** Recorded hook calls: name of the hook, username and room. */
let asked: string[];

const login = (msgData: object = {}) => EasyRtcClient.login(server.url, msgData);
const join = (client: EasyRtcClient, ...names: string[]) => client.command('roomJoin', { roomJoin: rooms(...names) });
const leave = (client: EasyRtcClient, ...names: string[]) =>
  client.command('roomLeave', { roomLeave: rooms(...names) });

type Rule = (client: EasyRtcPeer, room: string, parameter?: object) => boolean | Promise<boolean>;
type RoomHook = 'mayCreateRoom' | 'mayJoinRoom' | 'mayLeaveRoom';

async function start(rules: Partial<Record<RoomHook, Rule>> = {}, options: Partial<Config> = {}): Promise<void> {
  const hooks: Partial<EasyRtcHooks> = {};
  for (const name of ['mayCreateRoom', 'mayJoinRoom', 'mayLeaveRoom'] as const) {
    hooks[name] = (client: EasyRtcPeer, room: string, parameter?: object) => {
      if (client.username === 'Ann') return true;
      asked.push(`${name} ${client.username} ${room}`);
      return rules[name]?.(client, room, parameter) ?? true;
    };
  }
  asked = [];
  server = await startWithHooks(hooks, options);
  ann = await login({ username: 'Ann', roomJoin: rooms('default', 'open', 'closed') });
}

const isNot =
  (...forbidden: string[]): Rule =>
  (_, room) =>
    !forbidden.includes(room);
const later =
  (rule: Rule): Rule =>
  (...args) =>
    Promise.resolve(rule(...args));

/** Expects Bob's login to be rejected and returns the answer. */
async function isRefused(roomJoin: object): Promise<Received> {
  const bob = await EasyRtcClient.connect(server.url);
  const answer = await bob.authenticate({ username: 'Bob', roomJoin });
  expect(await bob.closed).toBe('io server disconnect');
  expect(await server.known()).toEqual([ann.id, '#default', '#open', '#closed'].sort());
  for (const room of ['default', 'open', 'closed']) expect(await newcomers(ann, room)).toEqual([]);
  expect(server.complaints).toEqual([]);
  return answer;
}

describe('the hooks mayJoinRoom and mayCreateRoom of EasyRTC', () => {
  it('are called only for rooms that the client has not joined yet', async () => {
    await start();
    const bob = await login({ username: 'Bob', roomJoin: rooms('open', 'new') });
    expect(asked.splice(0)).toEqual(['mayJoinRoom Bob open', 'mayJoinRoom Bob new', 'mayCreateRoom Bob new']);
    await join(bob, 'open', 'closed', '__proto__');
    expect(asked.splice(0)).toEqual([
      'mayJoinRoom Bob closed',
      'mayJoinRoom Bob __proto__',
      'mayCreateRoom Bob __proto__',
    ]);
    await bob.login({ username: 'Bob', roomJoin: rooms('open') });
    await join(bob, 'new');
    expect(asked).toEqual(['mayJoinRoom Bob new', 'mayCreateRoom Bob new']);
  });

  it('are called for the room default if a login names no room', async () => {
    await start({ mayJoinRoom: isNot('default') });
    expect(await isRefused({})).toEqual(errorOf('LOGIN_BAD_ROOM'));
    expect(asked).toEqual(['mayJoinRoom Bob default']);
  });

  it('receive the client and the room parameter', async () => {
    const learnt: unknown[] = [];
    const record: Rule = ({ id, application, address, groups }, room, parameter) => {
      learnt.push({ id, application, address, groups, room, parameter });
      return true;
    };
    await start({ mayJoinRoom: record, mayCreateRoom: record });
    const parameter = { secret: ['x', { deep: null }] };
    const bob = await login({ username: 'Bob', roomJoin: { open: { roomName: 'open', roomParameter: parameter } } });
    await bob.command('roomJoin', { roomJoin: { new: { roomName: 'new', roomParameter: [1] }, ...rooms('closed') } });
    const common = { id: bob.id, application: 'app', address: '127.0.0.1', groups: [] };
    expect(learnt).toEqual([
      { ...common, room: 'open', parameter },
      { ...common, room: 'new', parameter: [1] },
      { ...common, room: 'new', parameter: [1] },
      { ...common, room: 'closed', parameter: undefined },
    ]);
  });

  it.each([
    ['at once', isNot],
    ['later', (...forbidden: string[]) => later(isNot(...forbidden))],
  ])('reject a login if one of its rooms is refused %s', async (_, but) => {
    await start({ mayJoinRoom: but('closed'), mayCreateRoom: but('uncreatable') });
    for (const names of [['closed'], ['uncreatable'], ['open', 'new', 'closed'], ['uncreatable', 'open', 'new']]) {
      expect(await isRefused(rooms(...names))).toEqual(errorOf('LOGIN_BAD_ROOM'));
    }
  });

  it.each([
    ['at once', isNot],
    ['later', (...forbidden: string[]) => later(isNot(...forbidden))],
  ])('reject a join of several rooms if one of them is refused %s', async (_, but) => {
    await start({ mayJoinRoom: but('closed'), mayCreateRoom: but('uncreatable') });
    const bob = await login({ username: 'Bob' });
    await ann.rest();
    for (const names of [['closed'], ['uncreatable'], ['open', 'new', 'closed'], ['uncreatable', 'open', 'new']]) {
      expect(await join(bob, ...names)).toEqual(errorOf('MSG_REJECT_BAD_ROOM'));
    }
    expect(await bob.roomSizes()).toEqual({ default: 2, open: 1, closed: 1 });
    expect(await ann.rest()).toEqual([]);
    expect(await bob.rest()).toEqual([]);
    expect(await join(bob, 'open', 'new')).toHaveProperty('msgType', 'roomData');
    expect(await bob.roomSizes()).toEqual({ default: 2, open: 2, closed: 1, new: 1 });
  });

  it('let a client join a room it may not create once another client has created it', async () => {
    await start({ mayCreateRoom: () => false });
    const bob = await login({ username: 'Bob' });
    expect(await join(bob, 'new')).toEqual(errorOf('MSG_REJECT_BAD_ROOM'));
    await join(ann, 'new');
    expect(await join(bob, 'new')).toHaveProperty('msgType', 'roomData');
  });

  it('cannot override easyrtcAutoCreateRooms or the limit of a room', async () => {
    await start({}, { easyrtcMaxRoomMembers: 1 });
    const bob = await login({ username: 'Bob', roomJoin: rooms('bobs') });
    expect(await join(bob, 'new', 'open')).toEqual(errorOf('MSG_REJECT_BAD_ROOM'));
    expect(await bob.roomSizes()).toEqual({ default: 1, open: 1, closed: 1, bobs: 1 });
  });

  it.each(['mayJoinRoom', 'mayCreateRoom'] as const)(
    'hide an error thrown by %s behind a general one',
    async (hook) => {
      const failure = new Error('a secret of the application');
      await start({ [hook]: (_: EasyRtcPeer, room: string) => (room === 'new' ? Promise.reject(failure) : true) });
      const bob = await login({ username: 'Bob' });
      await ann.rest();
      expect(await join(bob, 'open', 'new')).toEqual(errorOf('MSG_REJECT_GEN_FAIL'));
      expect(server.complaints).toEqual([[{ err: failure }, expect.any(String)]]);
      expect(await ann.rest()).toEqual([]);
      expect(await join(bob, 'open')).toHaveProperty('msgType', 'roomData');
    },
  );

  it('can choose the error that the client receives', async () => {
    await start({
      mayJoinRoom: (_, room) => room !== 'closed' || Promise.reject(new DomainError('NOT_AUTHORIZED', {})),
    });
    expect(await isRefused(rooms('closed'))).toEqual(errorOf('LOGIN_BAD_AUTH'));
    const bob = await login({ username: 'Bob' });
    expect(await join(bob, 'closed')).toEqual(errorOf('MSG_REJECT_NO_AUTH'));
    expect(server.complaints).toEqual([]);
  });

  it('leave no ghost when the client disconnects while they are running', async () => {
    const gate = new Gate();
    await start({ mayJoinRoom: (_, room) => room !== 'open' || gate.pass().then(() => true) });
    const bob = await login({ username: 'Bob' });
    const answer = join(bob, 'closed', 'open', 'new').catch((error: unknown) => error);
    await gate.reached;
    await bob.close();
    expect(await answer).toBeInstanceOf(Error);
    gate.open();
    await until(() => server.ended() === 1);
    await until(async () => (await server.known()).length === 4);
    for (const room of ['default', 'open', 'closed']) expect(await newcomers(ann, room)).toEqual([]);
    expect(server.complaints).toEqual([]);
  });

  it('keep signals sent meanwhile in order', async () => {
    const gate = new Gate();
    await start({ mayJoinRoom: (_, room) => room !== 'open' || gate.pass().then(() => true) });
    const bob = await login({ username: 'Bob' });
    await ann.rest();
    const answers = [
      join(bob, 'open'),
      bob.message({ msgType: 'one', targetRoom: 'open' }),
      leave(bob, 'open'),
      bob.message({ msgType: 'two', targetRoom: 'open' }),
    ];
    await gate.reached;
    // Messages of other clients do not wait for the hook.
    expect(await ann.message({ msgType: 'm', targetEasyrtcid: bob.id })).toEqual(ACK);
    await bob.nextOf('m');
    gate.open();
    const [joined, one, left, two] = await Promise.all(answers);
    expect([joined, left]).toMatchObject([{ msgType: 'roomData' }, { msgType: 'roomData' }]);
    expect([one, two]).toEqual([ACK, errorOf('MSG_REJECT_TARGET_ROOM')]);
    expect((await ann.rest()).map(({ msgType }) => msgType)).toEqual(['roomData', 'one', 'roomData']);
  });
});

describe('the hook mayLeaveRoom of EasyRTC', () => {
  it.each([
    ['at once', isNot('open')],
    ['later', later(isNot('open'))],
  ])('rejects leaving several rooms if one of them is refused %s', async (_, mayLeaveRoom) => {
    await start({ mayLeaveRoom });
    const bob = await login({ username: 'Bob', roomJoin: rooms('default', 'open', 'closed') });
    await ann.rest();
    for (const names of [['open'], ['default', 'open'], ['open', 'closed', 'nowhere']]) {
      expect(await leave(bob, ...names)).toEqual(errorOf('MSG_REJECT_NO_AUTH'));
    }
    expect(await bob.roomSizes()).toEqual({ default: 2, open: 2, closed: 2 });
    expect(await ann.rest()).toEqual([]);
    expect(await leave(bob, 'closed')).toHaveProperty('msgType', 'roomData');
    expect(await bob.roomSizes()).toEqual({ default: 2, open: 2, closed: 1 });
  });

  it('is called only for rooms that the client is in', async () => {
    await start({ mayLeaveRoom: () => false });
    const bob = await login({ username: 'Bob' });
    asked = [];
    expect(await leave(bob, 'open', 'nowhere')).toHaveProperty('msgType', 'roomData');
    expect(asked).toEqual([]);
    await leave(bob, 'open', 'default');
    expect(asked).toEqual(['mayLeaveRoom Bob default']);
  });

  it('does not prevent a client from disconnecting', async () => {
    await start({ mayLeaveRoom: () => false });
    const bob = await login({ username: 'Bob' });
    expect(await ann.next()).toEqual(roomNews(ann, updated('default', bob.entry())));
    await bob.close();
    await until(async () => !(await server.known()).includes(bob.id));
    expect(await ann.roomSizes()).toEqual({ default: 1, open: 1, closed: 1 });
  });

  it('causes a general error if it fails', async () => {
    const failure = new Error('a secret of the application');
    await start({ mayLeaveRoom: () => Promise.reject(failure) });
    const bob = await login({ username: 'Bob' });
    expect(await leave(bob, 'default')).toEqual(errorOf('MSG_REJECT_GEN_FAIL'));
    expect(server.complaints).toEqual([[{ err: failure }, expect.any(String)]]);
    expect(await bob.roomSizes()).toEqual({ default: 2, open: 1, closed: 1 });
  });
});
