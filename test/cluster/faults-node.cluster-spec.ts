import { setTimeout as sleep } from 'node:timers/promises';
import { becomes } from '../support/becomes.js';
import type { ConnectorClient } from '../support/connector-client.js';
import type { EasyRtcClient } from '../support/easyrtc-client.js';
import { type Node, Nodes, toldChanges, toldMembers } from '../support/nodes.js';
import type { PeerJsSocket } from '../support/peerjs-socket.js';
import type { SharedRedis } from '../support/redis-server.js';
import { REDIS_KINDS, startRedis } from '../support/shared-redis.js';
import { ConnectorStream, during, EasyRtcStream, haveAllCome, PeerJsStream, type Stream } from '../support/streams.js';

/** Longest time until a dead node is removed. */
const DEATH_MS = 3000;
/** More than a signal of a PeerJS client to an absent one takes to expire. */
const PATIENCE_MS = 10_000;
/** Short waits for absent clients, to keep the tests short. */
const FLAGS = ['--queue-ttl-ms', '1000', '--queue-sweep-ms', '200'];

/**
 * Numbers of PeerJS clients that send one message each, before and after the kill: each message has its own outcome.
 */
const SHOTS_BEFORE = 30;
const SHOTS_AFTER = 70;
const SHOT_MS = 20;

const WANDERERS = 30;

describe.each(REDIS_KINDS)('node among others (%s)', (kind) => {
  let redis: SharedRedis;
  let nodes: Nodes;
  let named = 0;

  beforeEach(async () => {
    redis = await startRedis(kind);
    nodes = await Nodes.start(redis, 3, { flags: FLAGS });
  });
  afterEach(() => Nodes.endAll());

  /** Opens a stream of each protocol, each with its own clients. */
  async function streams(from: Node, to: Node): Promise<Stream[]> {
    return [
      new ConnectorStream(await from.connector(), await to.connector()),
      new PeerJsStream(await from.peer(`peer ${++named}`), await to.peer(`peer ${++named}`)),
      new EasyRtcStream(await from.easyrtc(), await to.easyrtc()),
    ];
  }

  const join = async (client: ConnectorClient, room: string): Promise<ConnectorClient> => {
    client.send({ event: 'Join_Room', data: { room } });
    await client.next('Client_Added');
    return client;
  };

  async function makeRoom(creator: ConnectorClient, room: string): Promise<ConnectorClient> {
    creator.send({ event: 'Create_Room', data: { room } });
    await creator.next('Room_Created');
    return creator;
  }

  it('that is killed is removed within 3 s, and every message to it is delivered or refused', async () => {
    const [a, b, c] = nodes.up;
    const ann = await makeRoom(await a.connector(), 'den');
    const bob = await join(await b.connector(), 'den');
    const cara = await join(await c.connector(), 'den');
    const erin = await b.easyrtc('den');
    const cleo = await join(await c.connector(), 'den');
    const emma = await c.easyrtc('den');
    const all = [ann, bob, cara, erin, cleo, emma].map(({ id }) => id);
    const left = [ann, bob, erin].map(({ id }) => id);
    await becomes(() => [ann, bob, cleo].map((client) => toldMembers(client, 'den')), [all, all, all]);
    const pia = await c.peer('pia', { token: 'one' });

    const alive = [...(await streams(a, b)), ...(await streams(b, a))];
    const [toConnector, , toEasyRtc] = await streams(a, c);
    const doomed = [toConnector, toEasyRtc, (await streams(b, c))[0]];
    const shots: PeerJsStream[] = [];
    for (let i = 0; i < SHOTS_BEFORE + SHOTS_AFTER; i++) {
      shots.push(new PeerJsStream(await nodes.at(i % 2).peer(`from ${i}`), await c.peer(`to ${i}`)));
    }
    const shoot = async (some: readonly PeerJsStream[]): Promise<void> => {
      for (const shot of some) {
        shot.send();
        await sleep(SHOT_MS);
      }
    };

    const gone = [cara, cleo, emma].map(({ id }) => id).sort();
    await during([...alive, ...doomed], async () => {
      await shoot(shots.slice(0, SHOTS_BEFORE));
      const killed = performance.now();
      void nodes.kill(2);
      const rest = (): number => killed + DEATH_MS - performance.now();
      const isFree = () =>
        a.peer('pia', { token: 'another' }).then(
          () => true,
          () => false,
        );
      await Promise.all([
        shoot(shots.slice(SHOTS_BEFORE)),
        becomes(() => [ann, bob].map((client) => toldMembers(client, 'den')), [left, left], rest()),
        becomes(() => removedFor(erin, 'den').sort(), gone, rest()),
        becomes(isFree, true, rest()),
        becomes(() => b.clients('node-2'), [], rest()),
      ]);
      expect(rest()).toBeGreaterThan(0);
    });
    expect((await pia.closed).code).toBe(1006);
    expect([await a.members('den'), await b.members('den')]).toEqual([left, left]);

    // The remaining members were told the same changes, each the removal of a member of the dead node.
    const leaving = toldChanges(ann, 'den').slice(-3);
    expect(leaving.map(({ event }) => event)).toEqual(Array(3).fill('Client_Removed'));
    expect(toldChanges(bob, 'den').slice(-3)).toEqual(leaving);

    await haveAllCome(alive);
    // The first messages were delivered; the senders were told about all others.
    for (const stream of doomed) {
      const arrived = stream.arrived();
      expect(arrived).toEqual([...arrived.keys()]);
      const unknown = (): number => Math.max(0, stream.sent - arrived.length - stream.refused());
      await becomes(unknown, 0, PATIENCE_MS);
      expect(arrived.length).toBeGreaterThan(0);
      expect(stream.refused()).toBeGreaterThan(0);
      expect(stream.refused()).toBeLessThanOrEqual(stream.sent);
    }
    await becomes(() => shots.filter((shot) => shot.arrived().length + shot.refused() === 0).length, 0, PATIENCE_MS);
    expect(shots.filter((shot) => shot.arrived().length > 1 || shot.refused() > 1)).toEqual([]);
    expect(shots.slice(0, 10).map((shot) => shot.arrived())).toEqual(Array(10).fill([0]));
    expect(shots.slice(-10).map((shot) => shot.refused())).toEqual(Array(10).fill(1));

    await nodes.agree();
    await nodes.stop();
  });

  it('that stalls for 1.5 s is not declared dead: no client leaves, no message is lost', async () => {
    const [a, b, c] = nodes.up;
    const ann = await makeRoom(await a.connector(), 'den');
    const members = [ann, await join(await b.connector(), 'den'), await join(await c.connector(), 'den')];
    const ids = members.map(({ id }) => id);
    const pia = await c.peer('pia');
    const all = [
      ...(await streams(a, b)),
      ...(await streams(a, c)),
      ...(await streams(c, a)),
      ...(await streams(b, c)),
    ];
    await becomes(() => members.map((member) => toldMembers(member, 'den')), [ids, ids, ids]);
    const changes = members.map((member) => toldChanges(member, 'den'));
    const clients = await a.clients();
    expect(clients).toHaveLength(4 + 2 * all.length);

    await during(all, async () => {
      await sleep(500);
      process.kill(c.process.pid, 'SIGSTOP');
      await sleep(1500);
      process.kill(c.process.pid, 'SIGCONT');
      // By then a node that had declared it dead would have removed its clients.
      await sleep(3000);
    });
    await haveAllCome(all);
    expect(members.map((member) => toldChanges(member, 'den'))).toEqual(changes);
    for (const node of nodes.up) {
      expect(await node.clients()).toEqual(clients);
      expect(await node.members('den')).toEqual(ids);
    }
    expect(await pia.rest()).toEqual([]);
    await nodes.stop();
  });

  it('can be restarted in turn, while its clients move to other nodes and theirs continue undisturbed', async () => {
    const lobby = await makeRoom(await nodes.at(0).connector(), 'lobby');
    const wanderers = Array.from({ length: WANDERERS }, (_, i) => {
      const index = Math.floor(i / 2);
      if (i % 2 === 0) return new Wanderer(nodes, index, async (node) => join(await node.connector(), 'lobby'));
      return new Wanderer(nodes, index, (node) => node.peer(`wanderer ${i}`));
    });
    for (const wanderer of wanderers) await wanderer.start();
    // From now on all members of the room are wanderers.
    await lobby.close();

    for (let index = 0; index < 3; index++) {
      const [one, other] = [nodes.at(index + 1), nodes.at(index + 2)];
      const staying = [...(await streams(one, other)), ...(await streams(other, one))];
      await during(staying, async () => {
        await nodes.restart(index);
        await becomes(() => wanderers.filter(({ isThere }) => !isThere).length, 0);
      });
      await haveAllCome(staying);
      await Promise.all(staying.map((stream) => stream.end()));
      expect(nodes.at(index).process.lines.filter(({ level }) => level >= 50)).toEqual([]);
    }
    expect(wanderers.filter(({ moves }) => moves === 0)).toEqual([]);
    expect(wanderers.flatMap(({ failures }) => failures)).toEqual([]);

    // The nodes and the clients agree.
    const connectors = wanderers.flatMap(({ client }) => ('frames' in client ? client : []));
    const ids = connectors.map(({ id }) => id);
    const inLobby = await nodes.at(0).members('lobby');
    expect([...(inLobby ?? [])].sort()).toEqual([...ids].sort());
    await becomes(() => connectors.map((client) => toldMembers(client, 'lobby')), Array(ids.length).fill(inLobby));
    const known = wanderers.map(({ client }) => client.id).sort();
    for (const node of nodes.up) {
      expect(await node.members('lobby')).toEqual(inLobby);
      await becomes(() => node.clients(), known);
    }
    wanderers.forEach((wanderer) => wanderer.stop());
    await nodes.stop();
  });
});

/** Returns the ids of members whose removal from a room was announced to an EasyRTC client. */
function removedFor({ arrivals }: EasyRtcClient, room: string): string[] {
  return arrivals.flatMap(({ message: { msgType, msgData } }) => {
    if (msgType !== 'roomData') return [];
    const { roomData } = msgData as { roomData: Record<string, { clientListDelta?: { removeClient?: object } }> };
    return Object.keys(roomData[room]?.clientListDelta?.removeClient ?? {});
  });
}

/** A client that reconnects to the next node whenever its connection closes. */
class Wanderer {
  client!: ConnectorClient | PeerJsSocket;
  isThere = false;
  moves = -1;
  readonly failures: unknown[] = [];
  private hasStopped = false;

  constructor(
    private readonly nodes: Nodes,
    private index: number,
    private readonly enter: (node: Node) => Promise<ConnectorClient | PeerJsSocket>,
  ) {}

  async start(): Promise<void> {
    const { up } = this.nodes;
    this.client = await this.enter(up[this.index++ % up.length]);
    this.isThere = true;
    this.moves++;
    this.client.closed
      .then(() => {
        this.isThere = false;
        return this.hasStopped ? undefined : this.start();
      })
      .catch((error: unknown) => this.failures.push(error));
  }

  stop(): void {
    this.hasStopped = true;
  }
}
