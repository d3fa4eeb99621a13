import { WebSocket } from 'ws';
import { becomes } from '../support/becomes.js';
import type { ConnectorClient } from '../support/connector-client.js';
import { Nodes, toldMembers } from '../support/nodes.js';
import { PeerJsSocket } from '../support/peerjs-socket.js';
import type { SharedRedis } from '../support/redis-server.js';
import { REDIS_KINDS, startRedis } from '../support/shared-redis.js';

const CLAIMS = 1000;
const AT_ONCE = 50;

/** Joins and leaves of each mover: every second one makes one more, and ends up in the room. */
const MOVERS = 60;
const MOVES = 8;

describe.each(REDIS_KINDS)('concurrent requests on several nodes (%s)', (kind) => {
  let redis: SharedRedis;
  let nodes: Nodes;

  beforeAll(async () => {
    redis = await startRedis(kind);
    nodes = await Nodes.start(redis, 3);
  });
  /** Stopping the nodes fails if the tests of this file have left keys in Redis. */
  afterAll(async () => {
    try {
      await nodes.stop();
    } finally {
      await Nodes.endAll();
    }
  });

  /** Lets two clients on two nodes claim the same id, with the same token or with different ones, `CLAIMS` times. */
  async function claim(isSame: boolean, check: (pair: PeerJsSocket[]) => Promise<unknown>): Promise<void> {
    for (let from = 0; from < CLAIMS; from += AT_ONCE) {
      const pairs = Array.from({ length: AT_ONCE }, (_, k) => {
        const id = `claim-${from + k}`;
        return Promise.all(
          [0, 1].map((which) => {
            const token = isSame ? 'same' : `token ${which}`;
            return PeerJsSocket.connect(nodes.at(from + k + which).process.wsUrl, { id, token });
          }),
        );
      });
      await Promise.all(pairs.map(async (pair) => check(await pair)));
      await becomes(() => nodes.at(0).clients(), []);
    }
  }

  it('grant an id to exactly one of two clients', async () => {
    const winners = new Map<WebSocket, string>();
    await claim(false, async (pair) => {
      const answers = await Promise.all(pair.map((socket) => socket.next()));
      expect(answers.map(({ type }) => type).sort()).toEqual(['ID-TAKEN', 'OPEN']);
      const winner = pair[answers.findIndex(({ type }) => type === 'OPEN')];
      expect(await winner.rest()).toEqual([]);
      winners.set(winner.ws, winner.id);
      await winner.close();
    });
    expect(new Set(winners.values()).size).toBe(CLAIMS);
  });

  it('leave an id that two clients claim with one token to one of them, which is reachable', async () => {
    let survivors = 0;
    await claim(true, async (pair) => {
      const isOpen = ({ ws }: PeerJsSocket): boolean => ws.readyState === WebSocket.OPEN;
      await becomes(() => pair.filter(isOpen).length, 1);
      const [survivor] = pair.filter(isOpen);
      expect((await survivor.next()).type).toBe('OPEN');
      // `rest` sends a message to its own id.
      expect(await survivor.rest()).toEqual([]);
      expect(isOpen(survivor)).toBe(true);
      await survivor.close();
      survivors++;
    });
    expect(survivors).toBe(CLAIMS);
  });

  it('give all members the same list after 500 joins and leaves of one room', async () => {
    const host = await nodes.at(0).connector();
    host.send({ event: 'Create_Room', data: { room: 'hall' } });
    await host.next('Room_Created');
    const movers: ConnectorClient[] = [];
    while (movers.length < MOVERS) movers.push(await nodes.at(movers.length).connector());

    const movesOf = (index: number): number => MOVES + (index % 2);
    for (let move = 0; move < MOVES + 1; move++) {
      movers.forEach((mover, index) => {
        if (move >= movesOf(index)) return;
        mover.send({ event: move % 2 === 0 ? 'Join_Room' : 'Leave_Room', data: { room: 'hall' } });
      });
    }
    const leftBy = ({ frames }: ConnectorClient): number => frames.filter(({ event }) => event === 'Room_Left').length;
    await becomes(
      () => movers.map(leftBy),
      movers.map(() => MOVES / 2),
      20_000,
    );

    const staying = [host, ...movers.filter((_, index) => movesOf(index) % 2 === 1)];
    const ids = staying.map(({ id }) => id).sort();
    await becomes(async () => (await nodes.at(0).members('hall'))?.sort(), ids);
    const members = await nodes.at(0).members('hall');
    await becomes(
      () => staying.map((client) => toldMembers(client, 'hall')),
      staying.map(() => members),
    );
    expect(members?.[0]).toBe(host.id);
    for (const node of nodes.up) expect(await node.members('hall')).toEqual(members);
    for (const client of [host, ...movers]) expect(client.frames.filter(({ type }) => type === 'error')).toEqual([]);
  });
});
