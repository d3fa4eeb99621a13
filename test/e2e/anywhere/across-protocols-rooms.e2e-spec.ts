import { ConnectorClient, envelope, errorOf as connectorError } from '../../support/connector-client.js';
import {
  ACK,
  aTime,
  EasyRtcClient,
  type Entry,
  errorOf,
  fields,
  removed,
  roomAnswer,
  roomNews,
  rooms,
  titled,
  updated,
} from '../../support/easyrtc-client.js';
import { until } from '../../support/peerjs-socket.js';
import { startServer, type TestServer } from '../../support/server.js';

const ROOM = 'Room_1.0-x';

let server: TestServer;
let connie: ConnectorClient;
/** Logged in, but in no room. */
let ann: EasyRtcClient;

async function loginTo(...names: string[]): Promise<EasyRtcClient> {
  const client = await EasyRtcClient.login(server.url, { applicationName: 'default', username: 'Ann', roomJoin: rooms('own', ...names) }); // prettier-ignore
  await client.command('roomLeave', { roomLeave: rooms('own') });
  return client;
}

beforeEach(async () => {
  server = await startServer();
  connie = await ConnectorClient.connect(server.wsUrl);
  ann = await loginTo();
});

afterEach(async () => {
  try {
    // The test must have read every message.
    if (ann.socket.connected) expect(await ann.rest()).toEqual([]);
    if (connie.socket.readyState === connie.socket.OPEN) expect(await connie.drain()).toEqual([]);
  } finally {
    EasyRtcClient.closeAll();
    await ConnectorClient.closeAll();
    await server.close();
  }
});

/** Entry of a client of another protocol in EasyRTC lists. */
const foreign = ({ id }: { id: string }): Entry => ({
  easyrtcid: id,
  roomJoinTime: aTime,
  presence: { show: 'chat', status: null },
});
const own = ({ id }: { id: string }): Entry => ({ ...foreign({ id }), username: 'Ann' });
const joined = (room: string, ...entries: Entry[]) => ({
  roomName: room,
  roomStatus: 'join',
  clientList: Object.fromEntries(entries.map((entry) => [entry.easyrtcid, entry])),
});
const update = (event: string, clients: { id: string }[], name: string, room = ROOM) =>
  envelope('update', event, { clients: clients.map(({ id }) => id), name, room });

async function created(name = 'A name', room = ROOM): Promise<void> {
  expect(await connie.ask({ event: 'Create_Room', data: { room, name } })).toMatchObject({ event: 'Room_Created' });
}

const join = (client: EasyRtcClient, ...names: string[]) => client.command('roomJoin', { roomJoin: rooms(...names) });
const leave = (client: EasyRtcClient, ...names: string[]) =>
  client.command('roomLeave', { roomLeave: rooms(...names) });

/** Puts Connie and Ann into the room. */
async function bothIn(): Promise<void> {
  await created();
  await join(ann, ROOM);
  await connie.next('Client_Added');
}

describe('a room created by a Peer2Peer Connector client', () => {
  it('accepts EasyRTC clients by command and by login', async () => {
    await created();
    expect(await join(ann, ROOM)).toEqual(roomAnswer(joined(ROOM, foreign(connie), own(ann))));
    expect(await connie.next()).toEqual(update('Client_Added', [connie, ann], 'A name'));
    const bob = await loginTo(ROOM);
    expect(bob.token.roomData[ROOM]).toEqual(joined(ROOM, foreign(connie), own(ann), own(bob)));
    expect(await connie.next()).toEqual(update('Client_Added', [connie, ann, bob], 'A name'));
    expect(await ann.next()).toEqual(roomNews(ann, updated(ROOM, own(bob))));
    expect(await ann.roomSizes()).toEqual({ [ROOM]: 3 });
  });

  it.each(['leave', 'close', 'cut'] as const)(
    'notifies its members when an EasyRTC client leaves by %s',
    async (way) => {
      await bothIn();
      if (way === 'leave') await leave(ann, ROOM);
      else await ann[way]();
      expect(await connie.next()).toEqual(update('Client_Removed', [connie], 'A name'));
    },
  );

  it('ends for all members when its creator ends it', async () => {
    await bothIn();
    connie.send({ event: 'End_Room', data: { room: ROOM } });
    expect(await connie.next()).toEqual(update('Room_Deleted', [connie, ann], 'A name'));
    expect(await ann.next()).toEqual(roomNews(ann, { roomName: ROOM, roomStatus: 'leave' }));
    expect(await ann.roomSizes()).toEqual({});
    expect(await ann.message({ msgType: 'm', targetRoom: ROOM })).toEqual(errorOf('MSG_REJECT_TARGET_ROOM'));
    expect(await ann.command('setRoomApiField', { setRoomApiField: { roomName: ROOM } })).toEqual(errorOf('MSG_REJECT_BAD_ROOM')); // prettier-ignore
    // It is a new one then.
    expect(await join(ann, ROOM)).toEqual(roomAnswer(joined(ROOM, own(ann))));
  });

  it('discards the API fields of an EasyRTC member when it ends', async () => {
    await bothIn();
    await ann.command('setRoomApiField', { setRoomApiField: { roomName: ROOM, field: fields({ f: 1 }) } });
    connie.send({ event: 'End_Room', data: { room: ROOM } });
    await connie.next('Room_Deleted');
    await ann.next();
    expect(await join(ann, ROOM)).toEqual(roomAnswer(joined(ROOM, own(ann))));
  });

  it('outlives its creator, and no other client can end it', async () => {
    await bothIn();
    await connie.close();
    expect(await ann.next()).toEqual(roomNews(ann, removed(ROOM, connie.id)));
    const dora = await ConnectorClient.connect(server.wsUrl);
    dora.send({ event: 'Join_Room', data: { room: ROOM } });
    expect(await dora.next()).toEqual(update('Client_Added', [ann, dora], 'A name'));
    expect(await dora.ask({ event: 'End_Room', data: { room: ROOM } })).toMatchObject({ event: 'Unauthorised' });
    expect(await ann.next()).toEqual(roomNews(ann, updated(ROOM, foreign(dora))));
  });

  it.each(titled(['a b', 'Räume', 'x'.repeat(33), '😀']))(
    'rejects EasyRTC clients if its name is %s',
    async (_, room) => {
      await created('', room);
      expect(await join(ann, room)).toEqual(errorOf('MSG_REJECT_BAD_STRUCTURE'));
      // EasyRTC does not list rooms without EasyRTC clients.
      expect(await ann.roomSizes()).toEqual({});
      expect(await ann.message({ msgType: 'm', targetRoom: room })).toEqual(errorOf('MSG_REJECT_TARGET_ROOM'));
    },
  );

  it('limits EasyRTC members to easyrtcMaxRoomMembers', async () => {
    await server.close();
    server = await startServer({ easyrtcMaxRoomMembers: 1 });
    connie = await ConnectorClient.connect(server.wsUrl);
    ann = await loginTo();
    await created();
    expect(await join(ann, ROOM)).toEqual(errorOf('MSG_REJECT_BAD_ROOM'));
    const dora = await ConnectorClient.connect(server.wsUrl);
    dora.send({ event: 'Join_Room', data: { room: ROOM } });
    expect(await connie.next()).toEqual(update('Client_Added', [connie, dora], 'A name'));
  });
});

describe('a room created by an EasyRTC client', () => {
  beforeEach(async () => {
    await join(ann, ROOM);
  });

  it('accepts Peer2Peer Connector clients', async () => {
    connie.send({ event: 'Join_Room', data: { room: ROOM } });
    expect(await connie.next()).toEqual(update('Client_Added', [ann, connie], ROOM));
    expect(await ann.next()).toEqual(roomNews(ann, updated(ROOM, foreign(connie))));
    const bob = await loginTo(ROOM);
    expect(bob.token.roomData[ROOM]).toEqual(joined(ROOM, own(ann), foreign(connie), own(bob)));
    expect(await connie.next()).toEqual(update('Client_Added', [ann, connie, bob], ROOM));
    await ann.next();
  });

  it.each(['Leave_Room', 'close', 'terminate'] as const)(
    'notifies its members when a connector client leaves by %s',
    async (way) => {
      connie.send({ event: 'Join_Room', data: { room: ROOM } });
      await connie.next();
      await ann.next();
      if (way === 'Leave_Room') {
        const data = { room: ROOM };
        expect(await connie.ask({ event: way, data })).toEqual(envelope('info', 'Room_Left', data));
      } else void connie[way]();
      expect(await ann.next()).toEqual(roomNews(ann, removed(ROOM, connie.id)));
      expect(await ann.roomSizes()).toEqual({ [ROOM]: 1 });
    },
  );

  it('cannot be created again or ended by a connector client', async () => {
    expect(await connie.ask({ event: 'Create_Room', data: { room: ROOM } })).toEqual(connectorError('Duplicate_Room', `${ROOM} already exist`)); // prettier-ignore
    connie.send({ event: 'Join_Room', data: { room: ROOM } });
    await connie.next();
    await ann.next();
    expect(await connie.ask({ event: 'End_Room', data: { room: ROOM } })).toMatchObject({ event: 'Unauthorised' });
    expect(await ann.roomSizes()).toEqual({ [ROOM]: 2 });
  });

  it('is deleted with its last member, whatever the protocol', async () => {
    connie.send({ event: 'Join_Room', data: { room: ROOM } });
    await connie.next();
    await ann.close();
    expect(await connie.next()).toEqual(update('Client_Removed', [connie], ROOM));
    await connie.ask({ event: 'Leave_Room', data: { room: ROOM } });
    expect(await connie.ask({ event: 'Join_Room', data: { room: ROOM } })).toMatchObject({ event: 'Not_Found' });
  });

  it('is invisible in other realms', async () => {
    const bob = await EasyRtcClient.login(server.url, { applicationName: 'other', roomJoin: rooms(ROOM, 'theirs') });
    expect(Object.keys(bob.token.roomData[ROOM].clientList)).toEqual([bob.id]);
    expect(await connie.ask({ event: 'Join_Room', data: { room: 'theirs' } })).toMatchObject({ event: 'Not_Found' });
    connie.send({ event: 'Join_Room', data: { room: ROOM } });
    expect(await connie.next()).toEqual(update('Client_Added', [ann, connie], ROOM));
    await ann.next();
    await bob.message({ msgType: 'm', targetRoom: ROOM });
    connie.send({ event: 'Message', room: ROOM, data: 1 });
    expect(await ann.next()).toMatchObject({ senderEasyrtcid: connie.id });
    expect(await bob.rest()).toEqual([]);
  });
});

describe('members of a shared room', () => {
  beforeEach(bothIn);

  it.each(titled([undefined, null, '', 0, false, [], {}, { '😀': [{ a: [null, 1.5, 'é\u2028"\\'] }] }]))(
    'send %s to all other members',
    async (_, value) => {
      const bob = await loginTo(ROOM);
      await Promise.all([ann.next(), connie.next()]);

      expect(await ann.message({ msgType: 'greeting', msgData: value, targetRoom: ROOM })).toEqual(ACK);
      const heard = await connie.next();
      expect(heard).toEqual({ event: 'Message', from: ann.id, room: ROOM, data: value });
      expect('data' in heard).toBe(value !== undefined);
      expect(await bob.next()).toMatchObject({ msgType: 'greeting', senderEasyrtcid: ann.id });

      connie.send({ event: 'Message', room: ROOM, data: value, extra: 1 });
      for (const client of [ann, bob]) {
        const message = await client.next();
        expect(message).toEqual({
          senderEasyrtcid: connie.id,
          targetRoom: ROOM,
          msgType: 'message',
          msgData: value,
          easyrtcid: client.id,
          serverTime: aTime,
        });
        expect('msgData' in message).toBe(value !== undefined);
      }
    },
  );

  it('send messages to a single member', async () => {
    expect(await ann.message({ msgType: 'm', msgData: 1, targetEasyrtcid: connie.id, targetRoom: ROOM })).toEqual(ACK);
    expect(await connie.next()).toEqual({ event: 'Message', from: ann.id, room: ROOM, data: 1 });
    await connie.ask({ event: 'Leave_Room', data: { room: ROOM } });
    await ann.next();
    const target = { targetEasyrtcid: connie.id, targetRoom: ROOM };
    expect(await ann.message({ msgType: 'm', ...target })).toMatchObject({ msgType: 'error' });
  });

  it('receive no binary data if their protocol does not support it', async () => {
    const bob = await loginTo(ROOM);
    await Promise.all([ann.next(), connie.next()]);
    expect(await ann.message({ msgType: 'm', msgData: Buffer.from('bytes'), targetRoom: ROOM })).toEqual(ACK);
    expect(await bob.next()).toHaveProperty('msgData', Buffer.from('bytes'));
  });

  it('receive the messages of each sender in order', async () => {
    const numbers = Array.from({ length: 200 }, (_, i) => i);
    const answers = numbers.map((i) => {
      connie.send({ event: 'Message', room: ROOM, data: i });
      return ann.message({ msgType: 'm', msgData: i, targetRoom: ROOM });
    });
    expect(await Promise.all(answers)).toEqual(numbers.map(() => ACK));
    expect((await connie.drain()).map(({ data }) => data)).toEqual(numbers);
    expect((await ann.rest()).map(({ msgData }) => msgData)).toEqual(numbers);
  });

  it('receive no EasyRTC presence, fields or usernames over Peer2Peer Connector', async () => {
    await ann.command('setPresence', { setPresence: { show: 'dnd', status: 'busy' } });
    await ann.command('setRoomApiField', { setRoomApiField: { roomName: ROOM, field: fields({ f: 1 }) } });
    await ann.login({ applicationName: 'default', username: 'Anna', roomJoin: rooms(ROOM) });
    expect(await connie.drain()).toEqual([]);
    expect(ann.token.roomData[ROOM].clientList[connie.id]).toEqual(foreign(connie));
  });

  it('receive one notice per room when a client in several rooms disconnects', async () => {
    await created('', 'second');
    await join(ann, 'second');
    await connie.next('Client_Added');
    await ann.cut();
    const left = [await connie.next(), await connie.next()];
    expect(left).toEqual(
      expect.arrayContaining([
        update('Client_Removed', [connie], 'A name'),
        update('Client_Removed', [connie], '', 'second'),
      ]),
    );
    await until(async () => (await connie.drain()).length === 0);
  });
});
