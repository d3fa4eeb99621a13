import { AccessHooks } from '../../../src/identity/access-hooks.js';
import { RoomsService } from '../../../src/rooms/rooms.service.js';
import { SignalingService } from '../../../src/signaling/signaling.service.js';
import { becomes } from '../../support/becomes.js';
import { ConnectorClient, errorOf, type ReceivedFrame } from '../../support/connector-client.js';
import { EasyRtcClient, rooms } from '../../support/easyrtc-client.js';
import { codeOf, connectorWith, easyrtcWith, loginWith, startSecured, tokenFor } from '../../support/secured.js';
import type { TestServer } from '../../support/server.js';

const FORBIDDEN = errorOf('Unauthorised', 'You are not allowed to do this.');
const TEAM = { rooms: { join: ['team-*', 'hall'] } };

let server: TestServer;

const create = (client: ConnectorClient, room?: string): Promise<ReceivedFrame> =>
  client.ask({ event: 'Create_Room', data: { room } });
const join = (client: ConnectorClient, room: string): Promise<ReceivedFrame> =>
  client.ask({ event: 'Join_Room', data: { room } });
const roomJoin = (client: EasyRtcClient, ...names: string[]) =>
  client.command('roomJoin', { roomJoin: rooms(...names) });

/** The names of the rooms that a client's room list has. */
async function roomsFor(client: EasyRtcClient): Promise<string[]> {
  const { msgData } = await client.command('getRoomList');
  return Object.keys((msgData as { roomList: object }).roomList).sort();
}

const membersOf = async (room: string): Promise<number | undefined> =>
  (await server.everywhere(RoomsService)[0].find('default', room))?.members.length;

async function admin(): Promise<ConnectorClient> {
  const client = await connectorWith(server, await tokenFor('boss'));
  for (const room of ['team-1', 'secret']) await create(client, room);
  return client;
}

afterEach(async () => {
  EasyRtcClient.closeAll();
  await ConnectorClient.closeAll();
});

describe('the rooms of a token', () => {
  beforeEach(async () => {
    server = await startSecured();
    await admin();
  });

  it('are the only ones that a Peer2Peer Connector client joins and creates', async () => {
    const ann = await connectorWith(server, await tokenFor('ann', TEAM));
    for (const refused of [join(ann, 'secret'), join(ann, 'missing'), create(ann, 'other'), create(ann)]) {
      expect(await refused).toEqual(FORBIDDEN);
    }
    expect(await join(ann, 'team-1')).toMatchObject({ event: 'Client_Added' });
    expect(await create(ann, 'team-2')).toMatchObject({ event: 'Room_Created' });
    expect([await membersOf('secret'), await membersOf('other')]).toEqual([1, undefined]);
  });

  it('are the only ones that an EasyRTC client joins, all or none', async () => {
    const ann = await easyrtcWith(server, await tokenFor('ann', TEAM), 'hall');
    expect(codeOf(await roomJoin(ann, 'secret'))).toBe('MSG_REJECT_BAD_ROOM');
    expect(codeOf(await roomJoin(ann, 'team-1', 'new'))).toBe('MSG_REJECT_BAD_ROOM');
    expect([await membersOf('team-1'), await membersOf('secret'), await membersOf('new')]).toEqual([1, 1, undefined]);
    expect(await roomJoin(ann, 'team-1', 'team-3')).toMatchObject({ msgType: 'roomData' });
    expect([await membersOf('team-1'), await membersOf('team-3')]).toEqual([2, 1]);
  });

  it('are the only ones that a Peer2Peer Connector client can tell from missing ones', async () => {
    const ann = await connectorWith(server, await tokenFor('ann', TEAM));
    for (const room of ['secret', 'missing']) {
      const missing = errorOf('Not_Found', `Room with Id ${room} does not exist.`);
      expect(await ann.ask({ event: 'Leave_Room', data: { room } })).toEqual(missing);
      expect(await ann.ask({ event: 'End_Room', data: { room } })).toEqual(missing);
      expect(await ann.ask({ event: 'Message', room, data: 1 })).toEqual(missing);
      for (const refused of [join(ann, room), create(ann, room)]) expect(await refused).toEqual(FORBIDDEN);
    }
    const notMember = errorOf('Not_Found', 'Client does not exists in the room.');
    expect(await ann.ask({ event: 'Leave_Room', data: { room: 'team-1' } })).toEqual(notMember);
    expect(await ann.ask({ event: 'Message', room: 'team-1', data: 1 })).toEqual(notMember);
    expect(await ann.ask({ event: 'End_Room', data: { room: 'team-1' } })).toMatchObject({ event: 'Unauthorised' });
  });

  it('are the only ones that an EasyRTC client can tell from missing ones', async () => {
    const bob = await easyrtcWith(server, await tokenFor('bob'), 'team-1', 'secret', 'hall');
    const ann = await easyrtcWith(server, await tokenFor('ann', TEAM));
    for (const room of ['secret', 'missing']) {
      expect(codeOf(await roomJoin(ann, room))).toBe('MSG_REJECT_BAD_ROOM');
      const left = await ann.command('roomLeave', { roomLeave: rooms(room) });
      expect(left).toMatchObject({ msgType: 'roomData', msgData: { roomData: { [room]: { roomStatus: 'leave' } } } });
      const field = { roomName: room, field: {} };
      expect(codeOf(await ann.command('setRoomApiField', { setRoomApiField: field }))).toBe('MSG_REJECT_BAD_ROOM');
      const message = { msgType: 'm', msgData: 1, targetRoom: room };
      expect(codeOf(await ann.message(message))).toBe('MSG_REJECT_TARGET_ROOM');
      const direct = { ...message, targetEasyrtcid: bob.id };
      expect(codeOf(await ann.message(direct))).toBe('MSG_REJECT_TARGET_ROOM');
      const login = await EasyRtcClient.connect(server.url);
      const refused = await login.authenticate(loginWith(await tokenFor('ann', TEAM), room));
      expect(codeOf(refused)).toBe('LOGIN_BAD_ROOM');
    }
    expect(await roomsFor(ann)).toEqual(['hall', 'team-1']);
    expect(await roomsFor(bob)).toEqual(['hall', 'secret', 'team-1']);
  });

  it('are the only ones that an EasyRTC login enters', async () => {
    const token = await tokenFor('ann', TEAM);
    for (const names of [['secret'], ['team-1', 'new']]) {
      const client = await EasyRtcClient.connect(server.url);
      expect(codeOf(await client.authenticate(loginWith(token, ...names)))).toBe('LOGIN_BAD_ROOM');
      await client.closed;
    }
    await becomes(() => Promise.all(['team-1', 'secret', 'new'].map(membersOf)), [1, 1, undefined]);
  });

  it('decide whether an EasyRTC client that names none enters the default room', async () => {
    const ann = await easyrtcWith(server, await tokenFor('ann', TEAM));
    expect(ann.token.roomData).toEqual({});
    const bob = await easyrtcWith(server, await tokenFor('bob', { rooms: { join: ['default'] } }));
    expect(Object.keys(bob.token.roomData)).toEqual(['default']);
  });

  it('may be created by a list of their own', async () => {
    const ann = await connectorWith(server, await tokenFor('ann', { rooms: { join: ['team-1'], create: ['mine'] } }));
    expect(await create(ann, 'mine')).toMatchObject({ event: 'Room_Created' });
    expect(await create(ann, 'team-2')).toEqual(FORBIDDEN);
    const bob = await easyrtcWith(server, await tokenFor('bob', { rooms: { create: [] } }), 'team-1');
    expect(codeOf(await roomJoin(bob, 'new'))).toBe('MSG_REJECT_BAD_ROOM');
  });

  it('do not restrict the members that the application operates', async () => {
    const bot = await server.app
      .get(SignalingService, { strict: false })
      .addVirtualClient({ realm: 'default', id: 'bot' });
    await bot.join('secret');
    await bot.join('fresh', { create: true });
    expect([await membersOf('secret'), await membersOf('fresh')]).toEqual([2, 1]);
  });

  it('are left by a successor whose token does not allow them', async () => {
    const boss = await admin();
    const first = await connectorWith(server, await tokenFor('ann', { id: 'ann' }));
    await join(first, 'team-1');
    await join(first, 'secret');
    await boss.drain();
    const second = await connectorWith(server, await tokenFor('ann', { id: 'ann', ...TEAM }));
    await becomes(() => Promise.all(['team-1', 'secret'].map(membersOf)), [2, 1]);
    expect(await join(second, 'team-1')).toMatchObject({ event: 'Already_Exists' });
    expect(await join(second, 'secret')).toEqual(FORBIDDEN);
  });
});

describe('the rooms that hooks allow', () => {
  class Hooks extends AccessHooks {
    override mayJoinRoom = ({ protocol }: { protocol: string }, room: string): boolean => room === `of ${protocol}`;
    override mayCreateRoom = (_client: object, room: string): Promise<boolean> => Promise.resolve(room !== 'forbidden');
  }

  beforeEach(async () => {
    server = await startSecured({}, { extensions: [{ provide: AccessHooks, useClass: Hooks }] });
  });

  it('are the only ones in all protocols', async () => {
    const ann = await connectorWith(server, await tokenFor('ann'));
    expect(await create(ann, 'forbidden')).toEqual(FORBIDDEN);
    expect(await create(ann, 'open')).toMatchObject({ event: 'Room_Created' });
    const bob = await connectorWith(server, await tokenFor('bob'));
    expect(await join(bob, 'open')).toEqual(FORBIDDEN);
    const carl = await easyrtcWith(server, await tokenFor('carl'));
    expect(carl.token.roomData).toEqual({});
    expect(codeOf(await roomJoin(carl, 'open'))).toBe('MSG_REJECT_BAD_ROOM');
    expect(await membersOf('open')).toBe(1);
  });
});
