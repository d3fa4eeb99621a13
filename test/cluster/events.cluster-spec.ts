import { EventStream } from '../support/event-stream.js';
import { Nodes } from '../support/nodes.js';
import { REDIS_KINDS, startRedis } from '../support/shared-redis.js';

const EVENTS = ['client.connected', 'room.created', 'room.joined', 'room.left', 'room.ended', 'client.disconnected'];

afterEach(async () => {
  EventStream.closeAll();
  await Nodes.endAll();
});

it.each(REDIS_KINDS)('streams the events of all nodes with their names (%s)', async (kind) => {
  const nodes = await Nodes.start(await startRedis(kind), 3);
  const stream = await EventStream.connect(nodes.at(0).api);
  for (const node of nodes.up) {
    const client = await node.connector();
    await client.ask({ event: 'Create_Room', data: { room: 'den' } });
    await client.ask({ event: 'Leave_Room', data: { room: 'den' } });
    await client.close();
    const events = await stream.nextOnes(EVENTS.length);
    expect(events.map(({ event }) => event)).toEqual(EVENTS);
    expect(events.map(({ data }) => (data as { node: string }).node)).toEqual(EVENTS.map(() => node.name));
  }
  stream.close();
  await nodes.stop();
});
