import type { Config } from '../../../src/config/config.js';
import { RoomsService } from '../../../src/rooms/rooms.service.js';
import { becomes } from '../../support/becomes.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { EasyRtcClient, rooms } from '../../support/easyrtc-client.js';
import { PeerJsSocket } from '../../support/peerjs-socket.js';
import { startServer, type TestServer } from '../../support/server.js';

const FOREVER_MS = 60_000;

let server: TestServer;

async function start(options: Partial<Config> = {}): Promise<void> {
  server = await startServer({ proxied: true, queueTtlMs: FOREVER_MS, ...options });
}

const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
const connect = (address: string) => ConnectorClient.connect(server.wsUrl, from(address));

describe('rooms created from one address', () => {
  const MADE = { event: 'Room_Created' };
  const refusal = (limit: number) => ({
    event: 'Limit_Exceeded',
    data: { message: `No more than ${limit} rooms of an address are allowed.` },
  });
  const create = (room: string) => ({ event: 'Create_Room', data: { room } });
  const countRooms = () => server.app.get(RoomsService, { strict: false }).count();

  it('are limited to a tenth of maxRooms by default, for all clients together', async () => {
    await start({ maxRooms: 40 });
    const mine = [await connect('203.0.113.9'), await connect('203.0.113.9'), await connect('203.0.113.9')];
    for (let i = 0; i < 4; i++) expect(await mine[i % 3].ask(create(`mine ${i}`))).toMatchObject(MADE);
    for (const client of mine) expect(await client.ask(create('more'))).toMatchObject(refusal(4));
    const others = [await connect('203.0.113.8'), await connect('2001:db8::1')];
    for (const [i, other] of others.entries()) expect(await other.ask(create(`other ${i}`))).toMatchObject(MADE);
    // The limit does not apply to joining the rooms of other addresses.
    mine[0].send({ event: 'Join_Room', data: { room: 'other 0' } });
    expect(await mine[0].next()).toMatchObject({ event: 'Client_Added' });
  });

  it('count together for an IPv6 /64 and across protocols', async () => {
    await start({ maxRooms: 10, maxSharePerAddress: 20 });
    expect(await (await connect('2001:db8:0:1::1')).ask(create('a'))).toMatchObject(MADE);
    const options = { extraHeaders: from('2001:db8:0:1:ffff::2').headers };
    const ann = await EasyRtcClient.login(server.url, { roomJoin: rooms('b') }, options);
    const more = await connect('2001:db8:0:1:ffff::3');
    expect(await more.ask(create('c'))).toMatchObject(refusal(2));
    expect(await ann.command('roomJoin', { roomJoin: rooms('c') })).toMatchObject({ msgType: 'error' });
    expect(await (await connect('2001:db8:0:2::1')).ask(create('c'))).toMatchObject(MADE);
  });

  it('no longer count after they end, by a client, the server or the last departure', async () => {
    await start({ maxRooms: 10 });
    const ann = await connect('203.0.113.9');
    const isFull = async () => expect(await ann.ask(create('more'))).toMatchObject(refusal(1));
    expect(await ann.ask(create('a'))).toMatchObject(MADE);
    await isFull();
    expect(await ann.ask({ event: 'End_Room', data: { room: 'a' } })).toMatchObject({ event: 'Room_Deleted' });
    expect(await ann.ask(create('b'))).toMatchObject(MADE);
    await isFull();
    await server.app.get(RoomsService, { strict: false }).endByServer('default', 'b');
    await ann.next('Room_Deleted');
    const bob = await connect('203.0.113.9');
    expect(await bob.ask(create('c'))).toMatchObject(MADE);
    await isFull();
    bob.terminate();
    await becomes(countRooms, 0);
    expect(await ann.ask(create('d'))).toMatchObject(MADE);
  });

  it('are not limited for local addresses, which may be proxies', async () => {
    await start({ maxRooms: 10, proxied: false });
    const ann = await connect('203.0.113.9');
    for (const room of ['a', 'b', 'c']) expect(await ann.ask(create(room))).toMatchObject(MADE);
  });
});

describe('messages for absent clients', () => {
  const open = (id: string, address: string) => PeerJsSocket.open(server.wsUrl, { id, ...from(address) });
  const payloads = async (socket: PeerJsSocket) => (await socket.rest()).map(({ payload }) => payload);

  /** Sends offers and resolves with the number of those that expire at once. */
  async function refusedOf(sender: PeerJsSocket, count: number, dstOf: (i: number) => string): Promise<number> {
    for (let i = 0; i < count; i++) sender.send({ type: 'OFFER', dst: dstOf(i), payload: `of ${sender.id}` });
    const messages = await sender.rest();
    for (const message of messages) expect(message).toMatchObject({ type: 'EXPIRE', dst: sender.id });
    return messages.length;
  }

  it('are still queued from others after one client has filled its share of a target', async () => {
    await start();
    const stranger = await open('stranger', '203.0.113.9');
    expect(await refusedOf(stranger, 100, () => 'bob')).toBe(50);
    const friend = await open('friend', '203.0.113.8');
    expect(await refusedOf(friend, 1, () => 'bob')).toBe(0);
    const received = await payloads(await open('bob', '203.0.113.7'));
    expect(received).toHaveLength(51);
    expect(received.at(-1)).toBe('of friend');
    expect(await refusedOf(stranger, 50, () => 'carol')).toBe(0);
  });

  it('are still queued from others after clients of one address have filled its share of a target', async () => {
    await start({ maxQueuedPerTarget: 6 });
    const refused: number[] = [];
    for (let i = 0; i < 4; i++) refused.push(await refusedOf(await open(`s${i}`, `2001:db8::${i}`), 2, () => 'bob'));
    expect(refused).toEqual([0, 1, 2, 2]);
    expect(await refusedOf(await open('friend', '203.0.113.8'), 2, () => 'bob')).toBe(0);
    expect(await payloads(await open('bob', '203.0.113.7'))).toEqual(
      ['s0', 's0', 's1', 'friend', 'friend'].map((id) => `of ${id}`),
    );
  });

  it.each([
    ['number', { maxQueued: 40 }],
    ['bytes', { maxQueuedBytes: 35_000 }],
  ])('of one address use at most a tenth of the queue by default: %s', async (_, options) => {
    await start(options);
    const clients = [await open('a', '203.0.113.9'), await open('b', '203.0.113.9')];
    let kept = 0;
    for (const sender of clients) kept += 5 - (await refusedOf(sender, 5, (i) => `absent ${i}`));
    expect(kept).toBe(4);
    expect(await refusedOf(await open('c', '203.0.113.8'), 3, (i) => `absent ${i}`)).toBe(0);
    // Delivery releases the share of the sender.
    expect(await payloads(await open('absent 0', '203.0.113.7'))).toEqual(['of a', 'of c']);
    expect(await refusedOf(clients[1], 2, (i) => `absent ${i + 5}`)).toBe(1);
  });

  it('release the share of their address when they expire', async () => {
    await start({ maxQueued: 10, queueTtlMs: 200, queueSweepMs: 20 });
    const sender = await open('a', '203.0.113.9');
    sender.send({ type: 'OFFER', dst: 'x' });
    sender.send({ type: 'OFFER', dst: 'y' });
    expect(await sender.nextOnes(2)).toMatchObject([{ src: 'y' }, { src: 'x' }]);
    sender.send({ type: 'OFFER', dst: 'z' });
    sender.send({ type: 'OFFER', dst: 'y' });
    expect(await sender.nextOnes(2)).toMatchObject([{ src: 'y' }, { src: 'z' }]);
  });

  it('of local addresses, which may be proxies, have no share limit', async () => {
    await start({ maxQueued: 10, proxied: false });
    expect(await refusedOf(await open('a', '203.0.113.9'), 5, (i) => `absent ${i}`)).toBe(0);
  });
});
