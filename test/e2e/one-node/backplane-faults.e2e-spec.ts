import { jest } from '@jest/globals';
import { ClientDirectory } from '../../../src/clients/client-directory.js';
import { ClientsService } from '../../../src/clients/clients.service.js';
import { DomainError } from '../../../src/common/domain-error.js';
import { MessageBus } from '../../../src/common/message-bus.js';
import { NodeIdentity } from '../../../src/common/node-identity.js';
import { Counters } from '../../../src/counters/counters.js';
import { Log } from '../../../src/logging/log.js';
import { IdGenerator } from '../../../src/protocols/id-generator.js';
import { RoomStore } from '../../../src/rooms/room-store.js';
import { OfflineQueue } from '../../../src/signaling/offline-queue.js';
import { Connections } from '../../../src/transport/lifecycle/connections.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { PeerJsSocket, until } from '../../support/peerjs-socket.js';
import { startServer, type TestServer } from '../../support/server.js';

/** An expected and an unexpected error of a port. */
const FAILURES: [string, Error][] = [
  ['is not available', new DomainError('UNAVAILABLE', {})],
  ['throws an unexpected error', new Error('broken')],
];

let server: TestServer;
let directory: ClientDirectory;
let queue: OfflineQueue;
let rooms: RoomStore;

beforeEach(async () => {
  server = await startServer();
  directory = server.app.get(ClientDirectory, { strict: false });
  queue = server.app.get(OfflineQueue, { strict: false });
  rooms = server.app.get(RoomStore, { strict: false });
});

/** Waits until no client is connected or registered. */
async function allClientsGone(): Promise<void> {
  const clients = server.app.get(ClientsService, { strict: false });
  await until(() => server.app.get(Connections, { strict: false }).size === 0);
  await until(async () => (await directory.count()) === 0);
  expect(clients.countHere).toBe(0);
}

describe.each(FAILURES)('while a client connects, a backplane port that %s', (_, failure) => {
  const PORTS: [string, () => unknown][] = [
    ['ClientDirectory.claim', () => jest.spyOn(directory, 'claim').mockRejectedValueOnce(failure)],
    ['OfflineQueue.take', () => jest.spyOn(queue, 'take').mockRejectedValueOnce(failure)],
  ];

  it.each(PORTS)('leaves the id of a PeerJS client free: %s', async (_name, fail) => {
    fail();
    const refused = await PeerJsSocket.connect(server.wsUrl, { id: 'alice', token: 'one' });
    await refused.closed;
    await allClientsGone();
    expect(server.app.get(Counters, { strict: false }).endedConnections.get('refused')).toBe(1);

    const alice = await PeerJsSocket.open(server.wsUrl, { id: 'alice', token: 'another' });
    expect(await alice.rest()).toEqual([]);
    const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
    bob.send({ type: 'OFFER', dst: 'alice', payload: 1 });
    expect(await alice.next()).toMatchObject({ type: 'OFFER', src: 'bob', payload: 1 });
    await Promise.all([alice.close(), bob.close()]);
  });

  it.each(PORTS)('leaves the id of a Peer2Peer Connector client free: %s', async (_name, fail) => {
    const ids = jest.spyOn(server.app.get(IdGenerator, { strict: false }), 'connectorClient').mockReturnValue('ann');
    fail();
    const refused = await ConnectorClient.connect(server.wsUrl).catch(() => undefined);
    await refused?.closed;
    await allClientsGone();

    const ann = await ConnectorClient.connect(server.wsUrl);
    expect(ann.id).toBe('ann');
    ids.mockRestore();
    const bob = await ConnectorClient.connect(server.wsUrl);
    bob.send({ event: 'Message', to: 'ann', data: 1 });
    expect(await ann.next()).toMatchObject({ from: bob.id, data: 1 });
  });

  it('does not use up a place under concurrentLimit', async () => {
    await server.close();
    server = await startServer({ concurrentLimit: 1 });
    queue = server.app.get(OfflineQueue, { strict: false });
    jest.spyOn(queue, 'take').mockRejectedValueOnce(failure);
    await (
      await PeerJsSocket.connect(server.wsUrl, { id: 'alice' })
    ).closed;
    const bob = await PeerJsSocket.open(server.wsUrl, 'bob');
    await bob.close();
  });
});

describe.each(FAILURES)('while a client disconnects, a room store that %s', (_, failure) => {
  it.each([['first'], ['second'], ['third']])('leaves the client in the failing room only: %s', async (broken) => {
    const [ann, bob] = await ConnectorClient.connectMany(2, server.wsUrl);
    for (const room of ['first', 'second', 'third']) {
      await ann.ask({ event: 'Create_Room', data: { room } });
      await bob.ask({ event: 'Join_Room', data: { room } });
    }
    await ann.drain();
    const leave = rooms.leave.bind(rooms);
    jest.spyOn(rooms, 'leave').mockImplementation((realm, id, client) => {
      return id === broken ? Promise.reject(failure) : leave(realm, id, client);
    });
    bob.terminate();
    await until(async () => (await directory.find('default', bob.id)) === undefined);

    const left = ['first', 'second', 'third'].filter((room) => room !== broken);
    for (const room of left) {
      const told = await ann.next(({ event, data }) => event === 'Client_Removed' && isOf(data, room));
      expect(told).toMatchObject({ data: { clients: [ann.id] } });
      expect((await rooms.find('default', room))?.members.map(({ id }) => id)).toEqual([ann.id]);
    }
    expect(await ann.drain()).toEqual([]);
    expect(await ann.ask({ event: 'Message', to: bob.id })).toMatchObject({ event: 'Not_Found' });
    expect(server.app.get(Connections, { strict: false }).size).toBe(1);
  });
});

function isOf(data: unknown, room: string): boolean {
  return (data as { room: string }).room === room;
}

describe('a listener of the bus that throws', () => {
  it('is logged with its stack, without an error for the sender', async () => {
    const { app } = server;
    const bus = app.get(MessageBus, { strict: false });
    const { name: node } = app.get(NodeIdentity, { strict: false });
    const error = jest.spyOn(app.get(Log, { strict: false }).logger, 'error');
    const failure = new Error('broken');
    bus.onMessage('gone', () => {
      throw failure;
    });
    const gone = { version: 1, type: 'gone', realm: 'r', id: 'x', node } as const;
    expect(await bus.send(node, gone)).toBe(true);
    expect(error.mock.calls).toEqual([[{ err: failure }, 'a message of another node could not be handled']]);
  });
});
