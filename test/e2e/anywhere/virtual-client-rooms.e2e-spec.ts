import { RoomsService } from '../../../src/index.js';
import { becomes } from '../../support/becomes.js';
import { Bot } from '../../support/bot.js';
import { ConnectorClient, envelope } from '../../support/connector-client.js';
import { ACK, aTime, EasyRtcClient, rooms } from '../../support/easyrtc-client.js';
import { startServer, type TestServer } from '../../support/server.js';

let server: TestServer;
let bot: Bot;

beforeEach(async () => {
  server = await startServer({ maxRoomsJoinedPerClient: 3 });
  bot = await Bot.add(server);
});

const roomOf = (id: string) => server.app.get(RoomsService, { strict: false }).find('default', id);

describe('a virtual client in a room', () => {
  let ann: ConnectorClient;
  let bob: ConnectorClient;
  let eve: EasyRtcClient;

  /** A room of both protocols with clients on each node. */
  beforeEach(async () => {
    [ann, bob] = await ConnectorClient.connectMany(2, server.wsUrl);
    await ann.ask({ event: 'Create_Room', data: { room: 'r', name: 'A name' } });
    await ann.ask({ event: 'Message', to: ann.id, data: 0 });
    bob.send({ event: 'Join_Room', data: { room: 'r' } });
    await bob.next('Client_Added');
    eve = await EasyRtcClient.login(server.url, { applicationName: 'default', roomJoin: rooms('r') });
    for (const client of [ann, bob]) await client.drain();
    await eve.rest();
  });

  it('is a member for clients of other protocols', async () => {
    const room = await bot.client.join('r');
    expect(room.members.map(({ id }) => id)).toEqual([ann.id, bob.id, eve.id, 'bot']);
    const clients = [ann.id, bob.id, eve.id, 'bot'];
    for (const client of [ann, bob]) {
      expect(await client.next()).toEqual(envelope('update', 'Client_Added', { clients, name: 'A name', room: 'r' }));
    }
    expect(await eve.next()).toMatchObject({
      msgData: { roomData: { r: { clientListDelta: { updateClient: { bot: { easyrtcid: 'bot' } } } } } },
    });
    await bot.client.leave('r');
    for (const client of [ann, bob]) {
      expect(await client.next()).toMatchObject({ event: 'Client_Removed', data: { clients: clients.slice(0, 3) } });
    }
    expect(await eve.next()).toMatchObject({
      msgData: { roomData: { r: { clientListDelta: { removeClient: { bot: { easyrtcid: 'bot' } } } } } },
    });
  });

  it('receives the changes of the room, but not its own leave', async () => {
    await bot.client.join('r');
    const all = [ann.id, bob.id, eve.id, 'bot'].join();
    await eve.command('setPresence', { setPresence: { show: 'dnd', status: 'busy' } });
    bob.send({ event: 'Leave_Room', data: { room: 'r' } });
    await bob.next('Room_Left');
    await becomes(() => bot.news().length, 3);
    await bot.client.leave('r');
    ann.send({ event: 'End_Room', data: { room: 'r' } });
    await ann.next('Room_Deleted');
    await ann.drain();
    expect(bot.news()).toEqual([
      `r joined bot [${all}]`,
      `r updated ${eve.id} [${all}]`,
      `r left ${bob.id} [${[ann.id, eve.id, 'bot'].join()}]`,
    ]);
  });

  it('receives the end of the room, and its own removal', async () => {
    await bot.client.join('r');
    await bot.client.join('own', { create: true });
    await server.app.get(RoomsService, { strict: false }).removeMember('default', 'own', 'bot');
    ann.send({ event: 'End_Room', data: { room: 'r' } });
    await becomes(() => bot.news().map((text) => text.replace(/ \[.*/, '')), ['r joined bot', 'own joined bot', 'own left bot', 'r ended ']); // prettier-ignore
    await expect(bot.client.leave('r')).rejects.toMatchObject({ code: 'ROOM_NOT_FOUND' });
  });

  it('exchanges messages with all other members', async () => {
    await bot.client.join('r');
    for (const client of [ann, bob]) await client.drain();
    await eve.rest();

    await bot.client.send({ kind: 'message', room: 'r', type: 'greeting', payload: { hello: 1 } });
    for (const client of [ann, bob]) {
      expect(await client.next()).toEqual({ event: 'Message', from: 'bot', room: 'r', data: { hello: 1 } });
    }
    expect(await eve.next()).toEqual({
      senderEasyrtcid: 'bot',
      targetRoom: 'r',
      msgType: 'greeting',
      msgData: { hello: 1 },
      easyrtcid: eve.id,
      serverTime: aTime,
    });

    for (const client of [ann, bob]) {
      client.send({ event: 'Message', room: 'r', data: client.id });
      expect(await bot.next()).toEqual({ kind: 'message', from: client.id, room: 'r', payload: client.id });
    }
    expect(await eve.message({ msgType: 'm', msgData: [1], targetRoom: 'r' })).toEqual(ACK);
    expect(await bot.next()).toEqual({ kind: 'message', from: eve.id, room: 'r', type: 'm', payload: [1] });
  });

  it('leaves it when it closes', async () => {
    await bot.client.join('r');
    for (const client of [ann, bob]) await client.drain();
    await bot.client.close();
    for (const client of [ann, bob]) expect(await client.next()).toMatchObject({ event: 'Client_Removed' });
    expect((await roomOf('r'))?.members.map(({ id }) => id)).toEqual([ann.id, bob.id, eve.id]);
  });

  it('shares it with virtual clients of other nodes', async () => {
    const other = await Bot.add(server, { id: 'other', node: 1 });
    await bot.client.join('r');
    await other.client.join('r');
    await other.client.send({ kind: 'message', room: 'r', payload: 1 });
    expect(await bot.next()).toEqual({ kind: 'message', from: 'other', room: 'r', payload: 1 });
    expect(other.signals).toEqual([]);
  });
});

describe('a virtual client', () => {
  it('creates a missing room if it wants to', async () => {
    await expect(bot.client.join('r')).rejects.toMatchObject({ code: 'ROOM_NOT_FOUND' });
    await bot.client.join('r', { create: true });
    const ann = await ConnectorClient.connect(server.wsUrl);
    ann.send({ event: 'Join_Room', data: { room: 'r' } });
    expect(await ann.next()).toMatchObject({ event: 'Client_Added', data: { clients: ['bot', ann.id] } });
    await becomes(() => bot.news(), ['r joined bot [bot]', `r joined ${ann.id} [bot,${ann.id}]`]);
    for (const create of [true, false]) {
      await expect(bot.client.join('r', { create })).rejects.toMatchObject({ code: 'ALREADY_IN_ROOM' });
    }
  });

  it('joins no more rooms than other clients, and no groups', async () => {
    for (const room of ['1', '2', '3']) await bot.client.join(room, { create: true });
    await expect(bot.client.join('4', { create: true })).rejects.toMatchObject({ code: 'LIMIT_REACHED' });
    await bot.client.leave('1');
    expect(await roomOf('1')).toBeUndefined();
    for (const create of [true, false]) {
      await expect(bot.client.join('\0group/g', { create })).rejects.toMatchObject({ code: 'ROOM_NOT_FOUND' });
    }
  });

  it('must name the room', async () => {
    for (const room of ['', undefined, 5]) {
      const id = room as string;
      for (const work of [bot.client.join(id), bot.client.join(id, { create: true }), bot.client.leave(id)]) {
        await expect(work).rejects.toMatchObject({
          code: 'INVALID_REQUEST',
          data: { reason: 'room must be a text that is not empty' },
        });
      }
    }
  });

  it('gets copies of the room, whose changes affect nothing', async () => {
    const empty = (room: object) => void ((room as { members: unknown[] }).members.length = 0);
    const vandal = await Bot.add(server, { id: 'vandal', onRoomChange: ({ room }) => empty(room) });
    empty(await vandal.client.join('r', { create: true }));
    empty(await bot.client.join('r'));
    const guest = await Bot.add(server, { id: 'guest' });
    empty(await guest.client.join('r'));
    const rooms = server.app.get(RoomsService, { strict: false });
    empty(await rooms.setAttributes('default', 'r', { colour: 'red' }));
    empty(await rooms.removeMember('default', 'r', 'guest'));
    await becomes(() => bot.news().at(-1), 'r left guest [vandal,bot]');
    expect(bot.news().slice(0, 2)).toEqual(['r joined bot [vandal,bot]', 'r joined guest [vandal,bot,guest]']);
    await vandal.client.send({ kind: 'message', room: 'r', payload: 'hello' });
    expect(await bot.next()).toMatchObject({ from: 'vandal', payload: 'hello' });
  });

  it('sends nothing to a room that it is not in', async () => {
    await expect(bot.client.send({ kind: 'message', room: 'r' })).rejects.toMatchObject({ code: 'ROOM_NOT_FOUND' });
    const other = await Bot.add(server, { id: 'other', node: 1 });
    await other.client.join('r', { create: true });
    await expect(bot.client.send({ kind: 'message', room: 'r' })).rejects.toMatchObject({ code: 'NOT_IN_ROOM' });
    await expect(bot.client.leave('r')).rejects.toMatchObject({ code: 'NOT_IN_ROOM' });
  });

  it('joins, sends and leaves in the order of its calls', async () => {
    const other = await Bot.add(server, { id: 'other', node: 1 });
    await other.client.join('r', { create: true });
    const all = [
      bot.client.join('r'),
      bot.client.send({ kind: 'message', room: 'r', payload: 1 }),
      bot.client.leave('r'),
      bot.client.join('r'),
      bot.client.close(),
    ];
    await Promise.all(all);
    await becomes(() => other.news().map((text) => text.replace(/ \[.*/, '')), ['r joined other', 'r joined bot', 'r left bot', 'r joined bot', 'r left bot']); // prettier-ignore
    expect(other.signals).toEqual([{ kind: 'message', from: 'bot', room: 'r', payload: 1 }]);
  });
});
