import { Counters } from '../../../src/counters/counters.js';
import { RoomStore } from '../../../src/rooms/room-store.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { ACK, EasyRtcClient, type Received, rooms } from '../../support/easyrtc-client.js';
import { startServer, type TestServer } from '../../support/server.js';

let server: TestServer;

async function start(...args: Parameters<typeof startServer>): Promise<void> {
  server = await startServer(...args);
}

const counters = () => server.app.get(Counters, { strict: false });
const joinRoom = { event: 'Join_Room', data: { room: 'hall' } };
const leaveRoom = { event: 'Leave_Room', data: { room: 'hall' } };

/** Returns the number of bytes that the server has sent over a protocol. */
function bytesOut(protocol: string): number {
  return sum([...counters().ofProtocol(protocol).out.entries()].map(([, { bytes }]) => bytes));
}

const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);

/** Exchanges `count` messages in each direction between two new clients. */
async function talk(count: number): Promise<void> {
  const [ann, bob] = await ConnectorClient.connectMany(2, server.wsUrl);
  for (let i = 0; i < count; i++) {
    ann.send({ event: 'Message', to: bob.id, data: i });
    await bob.next(({ data }) => data === i);
    bob.send({ event: 'Message', to: ann.id, data: i });
    await ann.next(({ data }) => data === i);
  }
}

/** Connects `count` clients and puts them into the room `hall`. */
async function fill(count: number): Promise<ConnectorClient[]> {
  const members = await ConnectorClient.connectMany(count, server.wsUrl);
  members[0].send({ event: 'Create_Room', data: { room: 'hall' } });
  await members[0].next('Room_Created');
  for (const member of members.slice(1)) {
    member.send(joinRoom);
    await member.next('Client_Added');
  }
  return members;
}

describe('a client that makes the server write to many', () => {
  const MEMBERS = 120;
  /** The bytes that a full budget allows at once; twice the allowance per second. */
  const BURST_BYTES = 1000 * 16_384;

  it('is delayed if it keeps joining and leaving, while others are served', async () => {
    await start();
    await fill(MEMBERS);
    const eve = await ConnectorClient.connect(server.wsUrl);
    const before = bytesOut('peer2peer-connector');
    for (let i = 0; i < 250; i++) {
      eve.send(joinRoom);
      eve.send(leaveRoom);
    }
    await talk(50);
    // Without the limit the server would write 160 MB.
    expect(bytesOut('peer2peer-connector') - before).toBeLessThan(3 * BURST_BYTES);
    expect(counters().endedConnections.entries()).toEqual([]);
  });

  it('is delayed if it sends many messages to a room, and all arrive in order', async () => {
    await start({ framesPerSecond: 400, frameBurst: 400, maxBufferedBytes: 2 ** 26 });
    const [, bob] = await fill(40);
    const eve = await ConnectorClient.connect(server.wsUrl);
    eve.send(joinRoom);
    await eve.next('Client_Added');
    await bob.drain();
    const before = bytesOut('peer2peer-connector');
    const since = performance.now();
    for (let i = 0; i < 60; i++) {
      eve.send({ event: 'Message', room: 'hall', data: { i, filling: 'x'.repeat(10_000) } });
    }
    await bob.next(({ data }) => (data as { i?: number }).i === 59);
    const seconds = (performance.now() - since) / 1000;
    const heard = bob.frames.filter(({ from }) => from === eve.id).map(({ data }) => (data as { i: number }).i);
    expect(heard).toEqual([...Array(60).keys()]);
    // A full budget of 400 tokens, and 400 more a second.
    expect(bytesOut('peer2peer-connector') - before).toBeLessThan((400 + 400 * seconds) * 16_384 * 2);
    expect(seconds).toBeGreaterThan(2);
  });

  it('is delayed if it updates its presence in many rooms, while others are served', async () => {
    await start();
    const names = rooms(...Array.from({ length: 100 }, (_, i) => `room${i}`));
    const others: EasyRtcClient[] = [];
    for (let i = 0; i < 30; i++) others.push(await EasyRtcClient.login(server.url, { roomJoin: names }));
    const eve = await EasyRtcClient.login(server.url, { roomJoin: names });
    const before = bytesOut('easyrtc');
    for (let i = 0; i < 250; i++) {
      const setPresence = { show: i % 2 ? 'away' : 'chat', status: 's'.repeat(100) };
      eve.send('easyrtcCmd', { msgType: 'setPresence', msgData: { setPresence } }, () => undefined);
    }
    await talk(50);
    // Without the limit the server would write 270 MB.
    expect(bytesOut('easyrtc') - before).toBeLessThan(4 * BURST_BYTES);
    expect(eve.socket.connected).toBe(true);
  });

  it('is closed with the error of its protocol if it continues', async () => {
    await start({ framesPerSecond: 50, frameBurst: 50 });
    await fill(20);
    const eve = await ConnectorClient.connect(server.wsUrl);
    eve.send(joinRoom);
    await eve.next('Client_Added');
    const message = { event: 'Message', room: 'hall', data: 'x'.repeat(50_000) };
    const again = setInterval(() => eve.send(message), 20);
    try {
      expect(await eve.closed).toEqual({ code: 1008, reason: 'rate exceeded' });
    } finally {
      clearInterval(again);
    }
    const errors = eve.frames.filter(({ type }) => type === 'error');
    expect(errors).toMatchObject([{ event: 'Limit_Exceeded' }]);
  });

  it('stays connected after one request that exceeds the maximum debt', async () => {
    await start({ framesPerSecond: 20, frameBurst: 20 });
    await fill(60);
    const eve = await ConnectorClient.connect(server.wsUrl);
    eve.send(joinRoom);
    await eve.next('Client_Added');
    eve.send({ event: 'Message', room: 'hall', data: 'x'.repeat(100_000) });
    eve.send({ event: 'Message', to: eve.id, data: 'after it' });
    expect(await eve.next('Message')).toMatchObject({ data: 'after it' });
  });
});

describe('getRoomList', () => {
  const ROOMS = 900;

  /** Returns a function that counts room listings from now on. */
  function countLists(): () => number {
    const store = server.app.get(RoomStore, { strict: false });
    const list = store.list.bind(store);
    let count = 0;
    store.list = (query) => {
      count++;
      return list(query);
    };
    return () => count;
  }

  it('shares one listing of many rooms among concurrent requests, and charges for its size', async () => {
    await start({ maxRoomsJoinedPerClient: ROOMS, maxBufferedBytes: 2 ** 28 });
    const names = rooms(...Array.from({ length: ROOMS }, (_, i) => `room${i}`));
    const ann = await EasyRtcClient.login(server.url, { roomJoin: names });
    const bob = await EasyRtcClient.login(server.url);
    const looks = countLists();
    const answers = await Promise.all(
      [ann, bob].flatMap((client) => Array.from({ length: 5 }, () => client.roomSizes())),
    );
    for (const answer of answers) expect(Object.keys(answer)).toHaveLength(ROOMS + 1);
    expect(looks()).toBeLessThanOrEqual(2 * Math.ceil((ROOMS + 1) / 500));
    let heard = 0;
    for (let i = 0; i < 500; i++) {
      bob.send('easyrtcCmd', { msgType: 'getRoomList' }, ({ msgType }: Received) => {
        if (msgType === 'roomList') heard++;
      });
    }
    await talk(50);
    expect(heard).toBeLessThan(400);
    expect(await ann.message({ msgType: 'm', targetEasyrtcid: bob.id })).toEqual(ACK);
  });

  it('lists the current rooms if there are few', async () => {
    await start();
    const ann = await EasyRtcClient.login(server.url);
    for (let i = 0; i < 5; i++) {
      await ann.command('roomJoin', { roomJoin: rooms(`room${i}`) });
      expect(Object.keys(await ann.roomSizes())).toHaveLength(i + 2);
    }
  });
});
