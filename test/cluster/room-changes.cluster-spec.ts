import { becomes } from '../support/becomes.js';
import type { ConnectorClient } from '../support/connector-client.js';
import { Nodes, toldChanges, toldMembers } from '../support/nodes.js';
import { REDIS_KINDS, startRedis } from '../support/shared-redis.js';

const LISTENERS = 6;
const GUESTS = 45;
const ROUNDS = 3;

/** Resolves once the guest is announced to itself, as the last member. */
async function join(guest: ConnectorClient): Promise<void> {
  guest.send({ event: 'Join_Room', data: { room: 'hall' } });
  await guest.next(({ event, data }) => {
    return event === 'Client_Added' && (data as { clients: string[] }).clients.at(-1) === guest.id;
  });
}

describe.each(REDIS_KINDS)('room on three nodes (%s)', (kind) => {
  let nodes: Nodes;

  beforeEach(async () => {
    nodes = await Nodes.start(await startRedis(kind), 3);
  });
  afterEach(() => Nodes.endAll());

  it('announces the same changes in the same order to all members', async () => {
    const listeners: ConnectorClient[] = [];
    for (let i = 0; i < LISTENERS; i++) {
      const listener = await nodes.at(i).connector();
      listener.send({ event: i === 0 ? 'Create_Room' : 'Join_Room', data: { room: 'hall' } });
      await listener.next(i === 0 ? 'Room_Created' : 'Client_Added');
      listeners.push(listener);
    }
    const ids = listeners.map(({ id }) => id);
    await becomes(
      () => listeners.map((listener) => toldMembers(listener, 'hall')),
      listeners.map(() => ids),
    );
    const before = listeners.map((listener) => toldChanges(listener, 'hall').length);

    // Some guests leave, others lose their connection, all concurrently.
    await Promise.all(
      Array.from({ length: GUESTS }, async (_, i) => {
        if (i % 5 === 0) return (await nodes.at(i).easyrtc('hall')).cut();
        const guest = await nodes.at(i).connector();
        await join(guest);
        for (let round = 1; round < ROUNDS; round++) {
          guest.send({ event: 'Leave_Room', data: { room: 'hall' } });
          await guest.next('Room_Left');
          await join(guest);
        }
        if (i % 2 === 0) guest.terminate();
        else await guest.close();
      }),
    );
    const connectors = GUESTS - GUESTS / 5;
    const expected = 2 * (connectors * ROUNDS + GUESTS / 5);
    const heard = () => listeners.map((listener, i) => toldChanges(listener, 'hall').length - before[i]);
    await becomes(
      heard,
      listeners.map(() => expected),
      10_000,
    );

    const sequences = listeners.map((listener, i) => toldChanges(listener, 'hall').slice(before[i]));
    for (const sequence of sequences) expect(sequence).toEqual(sequences[0]);
    expect(sequences[0].at(-1)).toEqual({ event: 'Client_Removed', clients: ids });
    // Each change adds or removes one member.
    let last = ids;
    for (const { event, clients } of sequences[0]) {
      const step = event === 'Client_Added' ? 1 : -1;
      expect(clients).toHaveLength(last.length + step);
      const [few, more] = step === 1 ? [last, clients] : [clients, last];
      expect(more.filter((id) => few.includes(id))).toEqual(few);
      last = clients;
    }
    for (const node of nodes.up) expect(await node.members('hall')).toEqual(ids);
    await nodes.stop();
  });
});
