import type { ClientDetail } from '../../../src/admin/client.dto.js';
import type { RoomDetail } from '../../../src/admin/room.dto.js';
import { type AdminServer, empty, problem, startAdminServer } from '../../support/admin-api.js';
import { type ConnectorClient, envelope, errorOf } from '../../support/connector-client.js';
import { type EasyRtcClient, fields, removed, roomNews, rooms } from '../../support/easyrtc-client.js';
import { makeRoom, Visitors } from '../../support/visitors.js';

const NOT_IN_ROOM = errorOf('Not_Found', 'Client does not exists in the room.');

describe('admin API: removing room members', () => {
  let server: AdminServer;
  let visitors: Visitors;
  let ann: ConnectorClient;
  let bob: ConnectorClient;
  let caller: EasyRtcClient;

  beforeAll(async () => {
    server = await startAdminServer();
    visitors = new Visitors(server, server.api);
  });
  /** Creates a room with all clients and reads their notices. */
  beforeEach(async () => {
    [ann, bob] = await visitors.connectors(2);
    caller = await visitors.easyrtc();
    await makeRoom('den', ann, bob);
    await caller.command('roomJoin', { roomJoin: rooms('den') });
    for (const member of [ann, bob]) await member.next('Client_Added');
  });
  afterEach(() => visitors.leave());
  afterAll(() => server.close());

  const remove = (room: string, client: string, query = {}) =>
    server.api.delete(['rooms', room, 'clients', client], undefined, query);

  const members = async (room = 'den') => {
    const { body } = await server.api.get<RoomDetail>(['rooms', room]);
    return body.members.map(({ id }) => id);
  };

  const roomsOf = async (id: string) => (await server.api.get<ClientDetail>(['clients', id])).body.rooms;

  const memberGone = (...rest: { readonly id: string }[]) =>
    envelope('update', 'Client_Removed', { clients: rest.map(({ id }) => id), name: '', room: 'den' });

  describe('a removed Peer2Peer Connector client', () => {
    it('is notified with the other members', async () => {
      expect(await remove('den', bob.id)).toEqual(empty(204));
      expect(await ann.next()).toEqual(memberGone(ann, caller));
      expect(await bob.next()).toEqual(memberGone(ann, caller));
      expect(await caller.next()).toEqual(roomNews(caller, removed('den', bob.id)));
      expect(await members()).toEqual([ann.id, caller.id]);
      expect(await roomsOf(bob.id)).toEqual([]);
    });

    it('stays connected, but neither receives nor sends room messages', async () => {
      await remove('den', bob.id);
      for (const client of [ann, bob]) await client.next('Client_Removed');
      await caller.nextOf('roomData');
      ann.send({ event: 'Message', room: 'den', data: 'among us' });
      await server.api.post(['rooms', 'den', 'messages'], { data: 'to all' });
      for (const msgData of ['among us', 'to all']) expect(await caller.next()).toMatchObject({ msgData });
      expect(await ann.drain()).toMatchObject([{ data: 'to all' }]);
      expect(await bob.drain()).toEqual([]);
      expect(await bob.ask({ event: 'Message', room: 'den', data: 1 })).toEqual(NOT_IN_ROOM);
      expect(await bob.ask({ event: 'Leave_Room', data: { room: 'den' } })).toEqual(NOT_IN_ROOM);
    });

    it('can join again', async () => {
      await remove('den', bob.id);
      await bob.next('Client_Removed');
      bob.send({ event: 'Join_Room', data: { room: 'den' } });
      expect(await bob.next()).toMatchObject({ event: 'Client_Added', data: { clients: [ann.id, caller.id, bob.id] } });
      await server.api.post(['rooms', 'den', 'messages'], { data: 'to all' });
      expect(await bob.next()).toMatchObject({ event: 'Message', data: 'to all' });
    });

    it('can no longer end the room it created', async () => {
      await remove('den', ann.id);
      await ann.next('Client_Removed');
      const { body } = await server.api.get<RoomDetail>(['rooms', 'den']);
      expect(body).not.toHaveProperty('creator');
      ann.send({ event: 'Join_Room', data: { room: 'den' } });
      await ann.next('Client_Added');
      expect(await ann.ask({ event: 'End_Room', data: { room: 'den' } })).toMatchObject({ event: 'Unauthorised' });
    });

    it('stays in its other rooms', async () => {
      await makeRoom('attic', bob);
      await remove('den', bob.id);
      await bob.next('Client_Removed');
      expect(await roomsOf(bob.id)).toEqual(['attic']);
      await server.api.post(['rooms', 'attic', 'messages'], { data: 1 });
      expect(await bob.next()).toMatchObject({ event: 'Message', room: 'attic' });
    });

    it('causes no further notice in the room when it disconnects', async () => {
      await remove('den', bob.id);
      for (const client of [ann, bob]) await client.next('Client_Removed');
      await server.api.delete(['clients', bob.id]);
      await bob.closed;
      await server.api.post(['rooms', 'den', 'messages'], { data: 'last' });
      expect(await ann.next()).toMatchObject({ event: 'Message', data: 'last' });
    });
  });

  describe('a removed EasyRTC client', () => {
    it('is notified with the other members', async () => {
      expect(await remove('den', caller.id)).toEqual(empty(204));
      expect(await ann.next()).toEqual(memberGone(ann, bob));
      expect(await bob.next()).toEqual(memberGone(ann, bob));
      expect(await caller.next()).toEqual(roomNews(caller, { roomName: 'den', roomStatus: 'leave' }));
      expect(await members()).toEqual([ann.id, bob.id]);
      expect(await roomsOf(caller.id)).toEqual(['default']);
    });

    it('receives no room messages and stays in its other rooms', async () => {
      await remove('den', caller.id);
      await ann.next('Client_Removed');
      await server.api.post(['rooms', 'den', 'messages'], { data: 'in the den' });
      await server.api.post(['rooms', 'default', 'messages'], { data: 'everywhere' });
      await ann.next('Message');
      expect(await caller.nextOf('message')).toMatchObject({ msgData: 'everywhere' });
      expect(await caller.message({ msgType: 'x', targetRoom: 'den', msgData: 1 })).toMatchObject({ msgType: 'error' });
      expect(await ann.drain()).toEqual([]);
    });

    it('can join again without its former attributes', async () => {
      const setRoomApiField = { roomName: 'den', field: fields({ mood: 'good' }) };
      expect(await caller.command('setRoomApiField', { setRoomApiField })).toMatchObject({ msgType: 'roomData' });
      await remove('den', caller.id);
      const answer = await caller.command('roomJoin', { roomJoin: rooms('den') });
      const { den } = (answer.msgData as { roomData: Record<string, { clientList: Record<string, object> }> }).roomData;
      expect(Object.keys(den.clientList).sort()).toEqual([ann.id, bob.id, caller.id].sort());
      expect(den.clientList[caller.id]).not.toHaveProperty('apiField');
      expect(await members()).toEqual([ann.id, bob.id, caller.id]);
    });

    it('receives notices of later removals from its other rooms', async () => {
      const other = await visitors.easyrtc();
      await other.command('roomJoin', { roomJoin: rooms('den') });
      await caller.rest();
      await remove('den', other.id);
      expect(await caller.next()).toEqual(roomNews(caller, removed('den', other.id)));
      expect(await other.nextOf('roomData')).toEqual(roomNews(other, { roomName: 'den', roomStatus: 'leave' }));
    });
  });

  it('deletes the room if it was the last member', async () => {
    const [cleo] = await visitors.connectors(1);
    await makeRoom('cell', cleo);
    expect(await remove('cell', cleo.id)).toEqual(empty(204));
    expect(await cleo.next()).toEqual(envelope('update', 'Client_Removed', { clients: [], name: '', room: 'cell' }));
    expect((await server.api.get(['rooms', 'cell'])).status).toBe(404);
    expect(await cleo.ask({ event: 'Create_Room', data: { room: 'cell' } })).toMatchObject({ event: 'Room_Created' });
  });

  it('does not delete a permanent room', async () => {
    await server.api.post('rooms', { id: 'lobby' });
    await bob.ask({ event: 'Join_Room', data: { room: 'lobby' } });
    expect(await remove('lobby', bob.id)).toEqual(empty(204));
    expect((await bob.next()).event).toBe('Client_Removed');
    expect(await members('lobby')).toEqual([]);
  });

  it('returns 404 for an unknown room or member', async () => {
    await visitors.peer('pia');
    const [cleo] = await visitors.connectors(1);
    const notIn = problem('not-a-member', 'The client is not in the room "den".');
    expect(await remove('attic', bob.id)).toEqual(problem('not-found', 'There is no room "attic".'));
    expect(await remove('den', bob.id, { realm: 'acme' })).toEqual(problem('not-found', 'There is no room "den".'));
    for (const id of [cleo.id, 'pia', 'nobody', 'a/b', '__proto__', '%2F']) {
      expect(await remove('den', id)).toEqual(notIn);
    }
    expect(await remove('den', bob.id, { color: 'red' })).toEqual(problem('bad-request'));
    expect(await members()).toEqual([ann.id, bob.id, caller.id]);
    await remove('den', bob.id);
    expect(await remove('den', bob.id)).toEqual(notIn);
  });
});
