import { becomes } from '../support/becomes.js';
import { EventStream, type StreamedEvent } from '../support/event-stream.js';
import { type Node, Nodes } from '../support/nodes.js';
import { REDIS_KINDS, startRedis } from '../support/shared-redis.js';

const LIFE = ['client.connected', 'room.created', 'room.joined', 'room.left', 'room.ended', 'client.disconnected'];

interface EventData {
  readonly type: string;
  readonly id: string;
  readonly node: string;
  readonly reason?: string;
  readonly client?: string;
  readonly session?: string;
  readonly room?: string;
  readonly members?: number;
  readonly durationMs?: number;
}

const dataOf = ({ data }: StreamedEvent): EventData => data as EventData;

afterEach(async () => {
  EventStream.closeAll();
  await Nodes.endAll();
});

/** Reads a stream up to an event. */
async function readUntil(stream: EventStream, isLast: (event: EventData) => boolean): Promise<EventData[]> {
  const events: EventData[] = [];
  do events.push(dataOf(await stream.next()));
  while (!isLast(events.at(-1)!));
  return events;
}

describe.each(REDIS_KINDS)('events (%s)', (kind) => {
  it('of all nodes are streamed with their names', async () => {
    const nodes = await Nodes.start(await startRedis(kind), 3);
    const stream = await EventStream.connect(nodes.at(0).api);
    for (const node of nodes.up) {
      const client = await node.connector();
      await client.ask({ event: 'Create_Room', data: { room: 'den' } });
      await client.ask({ event: 'Leave_Room', data: { room: 'den' } });
      await client.close();
      const events = await stream.nextOnes(LIFE.length);
      expect(events.map(({ event }) => event)).toEqual(LIFE);
      expect(events.map((event) => dataOf(event).node)).toEqual(LIFE.map(() => node.name));
    }
    stream.close();
    await nodes.stop();
  });

  it('of a node that is killed leave no ghosts', async () => {
    const nodes = await Nodes.start(await startRedis(kind), 3);
    const [a, b, c] = nodes.up;
    const stream = await EventStream.connect(a.api, { types: 'client.*,room.*,node.*' });
    const ann = await a.connector();
    await ann.ask({ event: 'Create_Room', data: { room: 'den' } });
    const lost = await Promise.all(Array.from({ length: 20 }, () => c.connector()));
    for (const client of lost) {
      client.send({ event: 'Join_Room', data: { room: 'den' } });
      await client.next('Client_Added');
    }
    await lost[0].ask({ event: 'Create_Room', data: { room: 'attic' } });
    const before = await readUntil(stream, ({ type, room }) => type === 'room.joined' && room === 'attic');
    await nodes.kill(2);

    const after = await readUntil(stream, ({ type }) => type === 'node.left');
    expect(after.at(-1)).toMatchObject({ type: 'node.left', node: c.name, reason: 'died' });
    for (const event of after) expect(event.node).toBe(c.name);
    const sessionsOf = (events: readonly EventData[], type: string, room?: string) =>
      events.filter((event) => event.type === type && event.room === room).map(({ session }) => session);
    const sessions = sessionsOf(
      before.filter(({ node }) => node === c.name),
      'client.connected',
    );
    expect(sessions).toHaveLength(20);
    expect(sessionsOf(after, 'client.disconnected').sort()).toEqual(sessions.sort());
    expect(sessionsOf(after, 'room.left', 'den').sort()).toEqual(sessions);
    expect(sessionsOf(after, 'room.left', 'attic')).toHaveLength(1);
    const ofDen = after.filter(({ type, room }) => type === 'room.left' && room === 'den');
    expect(ofDen.map(({ members }) => members)).toEqual(Array.from({ length: 20 }, (_, at) => 20 - at));
    for (const { type, reason } of after) {
      if (type === 'room.left' || type === 'client.disconnected') expect(reason).toBe('node lost');
    }
    expect(after.filter(({ type }) => type === 'room.ended').map(({ room }) => room)).toEqual(['attic']);
    const types = after.map(({ type }) => type);
    expect(types.lastIndexOf('room.left')).toBeLessThan(types.indexOf('client.disconnected'));

    // Another node replays the same.
    const again = await EventStream.connect(b.api, { since: before.at(-1)!.id });
    expect((await again.nextOnes(after.length)).map(dataOf)).toEqual(after);
    EventStream.closeAll();
    await ann.close();
    await nodes.stop();
  });

  it('tell when nodes stop and join', async () => {
    const nodes = await Nodes.start(await startRedis(kind), 2);
    const stream = await EventStream.connect(nodes.at(0).api, { types: 'node.*,client.disconnected' });
    await nodes.at(1).connector();
    await nodes.restart(1);
    const events = (await stream.nextOnes(3)).map(dataOf);
    expect(events).toEqual([
      expect.objectContaining({ type: 'client.disconnected', node: 'node-1', reason: 'server shutdown' }),
      expect.objectContaining({ type: 'node.left', node: 'node-1', reason: 'stopped' }),
      expect.objectContaining({ type: 'node.joined', node: 'node-1' }),
    ]);
    stream.close();
    await nodes.stop();
  });
});

describe('events of a node that cannot reach Redis', () => {
  const clientsOf = (events: readonly EventData[], type: string) =>
    events.filter((event) => event.type === type).map(({ client }) => client);

  const isReady = (node: Node, wanted: boolean) => becomes(() => node.isReady(), wanted);

  it('follow when it is back, in order and once', async () => {
    const nodes = await Nodes.start(await startRedis('single'), 2, {
      proxied: [1],
      flags: ['--node-timeout-ms', '30000'],
    });
    const [a, b] = nodes.up;
    const stream = await EventStream.connect(a.api, { types: 'client.*' });
    const clients = await Promise.all([1, 2, 3].map(() => b.connector()));
    await stream.nextOnes(3);
    b.proxy!.cut('broken');
    await isReady(b, false);
    for (const client of clients) await client.close();
    b.proxy!.heal();
    const ends = (await stream.nextOnes(3)).map(dataOf);
    expect(clientsOf(ends, 'client.disconnected')).toEqual(clients.map(({ id }) => id));
    await isReady(b, true);
    const last = await a.connector();
    expect(dataOf(await stream.next())).toMatchObject({ type: 'client.connected', client: last.id });
    stream.close();
    await last.close();
    await nodes.stop();
  });

  it('report its clients as lost, and again when it is back', async () => {
    const nodes = await Nodes.start(await startRedis('single'), 2, {
      proxied: [1],
      flags: ['--node-timeout-ms', '1000'],
    });
    const [a, b] = nodes.up;
    const stream = await EventStream.connect(a.api);
    const ann = await b.connector();
    await ann.ask({ event: 'Create_Room', data: { room: 'den' } });
    const [connected] = (await stream.nextOnes(3)).map(dataOf);
    b.proxy!.cut('broken');
    const lost = await readUntil(stream, ({ type }) => type === 'node.left');
    expect(lost.map(({ type }) => type)).toEqual(['room.left', 'room.ended', 'client.disconnected', 'node.left']);
    b.proxy!.heal();
    const back = await readUntil(stream, ({ type }) => type === 'room.joined');
    expect(back.map(({ type }) => type)).toEqual(['node.joined', 'client.connected', 'room.created', 'room.joined']);
    expect([back[1].session, back[3].session]).toEqual([connected.session, connected.session]);
    stream.close();
    await ann.close();
    await nodes.stop();
  });
});
