import { setTimeout as sleep } from 'node:timers/promises';
import { becomes } from '../support/becomes.js';
import { ConnectorClient } from '../support/connector-client.js';
import { EasyRtcClient, errorOf } from '../support/easyrtc-client.js';
import { type Node, Nodes, toldChanges, toldMembers } from '../support/nodes.js';
import { type PeerJsSocket, upgradeStatus } from '../support/peerjs-socket.js';
import type { SharedRedis } from '../support/redis-server.js';
import { REDIS_KINDS, startRedis } from '../support/shared-redis.js';

const CONNECTORS = 1850;
const PEERS = 130;
const EASYRTC = 20;
const TOTAL = CONNECTORS + PEERS + EASYRTC;
const AT_ONCE = 50;
/** Rooms with `PER_ROOM` Connector clients and one EasyRTC client each, spread over all nodes. */
const ROOMS = 20;
const PER_ROOM = 10;

const AWAY_MS = 10_000;
/** Short waits for absent clients: PeerJS clients get EXPIRE for signals that Redis could not take. */
const FLAGS = ['--queue-ttl-ms', '500', '--queue-sweep-ms', '100'];
/** Longest time until an operation that needs Redis fails. */
const FAILURE_MS = 1500;
/** Longest time until all clients and rooms are restored. */
const RECOVERY_MS = 5000;

describe.each(REDIS_KINDS)('Redis (%s)', (kind) => {
  let redis: SharedRedis;
  let nodes: Nodes;
  let connectors: ConnectorClient[];
  let peers: PeerJsSocket[];
  let easyrtc: EasyRtcClient[];
  let closed: unknown[];

  beforeEach(async () => {
    redis = await startRedis(kind);
    nodes = await Nodes.start(redis, 3, { flags: FLAGS });
    connectors = await many(CONNECTORS, (node) => node.connector());
    peers = await many(PEERS, (node, i) => node.peer(`peer ${i}`));
    easyrtc = [];
    closed = [];
  });
  afterEach(() => Nodes.endAll());

  /** Connects clients to the nodes in turn. */
  async function many<T>(count: number, make: (node: Node, index: number) => Promise<T>): Promise<T[]> {
    const all: T[] = [];
    while (all.length < count) {
      const indexes = Array.from({ length: Math.min(AT_ONCE, count - all.length) }, (_, k) => all.length + k);
      all.push(...(await Promise.all(indexes.map((index) => make(nodes.at(index), index)))));
    }
    return all;
  }

  const roomOf = (index: number): string => `room-${index}`;
  const inRoom = (index: number): ConnectorClient[] => connectors.slice(index * PER_ROOM, (index + 1) * PER_ROOM);
  const rooms = async (node: Node): Promise<(string[] | undefined)[]> => {
    return Promise.all(Array.from({ length: ROOMS }, (_, index) => node.members(roomOf(index))));
  };

  async function fillRooms(): Promise<void> {
    for (let index = 0; index < ROOMS; index++) {
      const [creator, ...others] = inRoom(index);
      creator.send({ event: 'Create_Room', data: { room: roomOf(index) } });
      await creator.next('Room_Created');
      for (const other of others) {
        other.send({ event: 'Join_Room', data: { room: roomOf(index) } });
        await other.next('Client_Added');
      }
    }
    easyrtc = await many(EASYRTC, (node, i) => node.easyrtc(roomOf(i)));
  }

  /**
   * Returns other clients on each call. Neighbours are on different nodes; the first and the fourth are on the same
   * one.
   */
  let turn = 0;
  const callers = () => {
    const first = ROOMS * PER_ROOM + 3 * turn++;
    return {
      connector: connectors.slice(first, first + 4),
      peer: peers.slice(first % (PEERS - 4)).slice(0, 4),
      easyrtc: easyrtc.slice(turn % (EASYRTC - 4)).slice(0, 4),
    };
  };

  async function messagesPassHere(): Promise<void> {
    const { connector, peer, easyrtc: easy } = callers();
    connector[0].send({ event: 'Message', to: connector[3].id, data: `local ${turn}` });
    peer[0].send({ type: 'OFFER', dst: peer[3].id, payload: `local ${turn}` });
    const answer = easy[0].message({ msgType: 'message', targetEasyrtcid: easy[3].id, msgData: `local ${turn}` });
    expect((await connector[3].next('Message')).data).toBe(`local ${turn}`);
    expect((await peer[3].next('OFFER')).payload).toBe(`local ${turn}`);
    expect(await answer).toEqual({ msgType: 'ack' });
    expect((await easy[3].nextOf('message')).msgData).toBe(`local ${turn}`);
  }

  async function messagesPassBetweenNodes(): Promise<void> {
    const { connector, peer, easyrtc: easy } = callers();
    for (const [from, to] of [
      [0, 1],
      [1, 2],
      [2, 0],
    ]) {
      connector[from].send({ event: 'Message', to: connector[to].id, data: `far ${turn} ${from}` });
      peer[from].send({ type: 'OFFER', dst: peer[to].id, payload: `far ${turn} ${from}` });
      const answer = easy[from].message({ msgType: 'message', targetEasyrtcid: easy[to].id, msgData: 'far' });
      expect((await connector[to].next('Message')).data).toBe(`far ${turn} ${from}`);
      expect((await peer[to].next('OFFER')).payload).toBe(`far ${turn} ${from}`);
      expect(await answer).toEqual({ msgType: 'ack' });
      expect((await easy[to].nextOf('message')).msgData).toBe('far');
    }
  }

  async function messagesBetweenNodesAreRefused(): Promise<void> {
    const { connector, peer, easyrtc: easy } = callers();
    const since = performance.now();
    connector[0].send({ event: 'Message', to: connector[1].id, data: 1 });
    peer[0].send({ type: 'OFFER', dst: peer[1].id, payload: 1 });
    const answer = easy[0].message({ msgType: 'message', targetEasyrtcid: easy[1].id, msgData: 1 });
    connector[2].send({ event: 'Create_Room', data: {} });
    const unavailable = { type: 'error', event: 'Unavailable' };
    const [frame, expired, refused, noRoom] = await Promise.all([
      connector[0].next(({ type }) => type === 'error'),
      peer[0].next('EXPIRE'),
      answer,
      connector[2].next(({ type }) => type === 'error'),
    ]);
    expect(performance.now() - since).toBeLessThan(FAILURE_MS);
    expect([frame, noRoom]).toMatchObject([unavailable, unavailable]);
    expect(expired).toEqual({ type: 'EXPIRE', src: peer[1].id, dst: peer[0].id });
    expect(refused).toEqual(errorOf('MSG_REJECT_GEN_FAIL'));
  }

  async function newcomersAreRefused(): Promise<void> {
    const paths = ['/', '/peerjs?key=peerjs&id=probe&token=t', '/socket.io/?EIO=4&transport=websocket'];
    const statuses = await Promise.all(
      nodes.up.flatMap(({ url }) => paths.map(async (path) => [path, await upgradeStatus(url, path)])),
    );
    expect(statuses).toEqual(nodes.up.flatMap(() => paths.map((path) => [path, 503])));
  }

  it('that is killed and restarts empty after 10 s costs no socket, id, room or membership', async () => {
    await fillRooms();
    for (const client of [...connectors, ...peers, ...easyrtc]) {
      void client.closed.then((how) => closed.push([client.id, how]));
    }
    const ids = [...connectors, ...peers, ...easyrtc].map(({ id }) => id).sort();
    const members = await rooms(nodes.at(0));
    const inRooms = connectors.slice(0, ROOMS * PER_ROOM);
    const roomAt = (index: number): string => roomOf(Math.floor(index / PER_ROOM));
    const told = () => inRooms.map((client, i) => toldMembers(client, roomAt(i)));
    expect(members).toEqual(easyrtc.map(({ id }, i) => [...inRoom(i).map((client) => client.id), id]));
    await becomes(
      told,
      inRooms.map((_, i) => members[Math.floor(i / PER_ROOM)]),
    );
    const changes = inRooms.map((client, i) => toldChanges(client, roomAt(i)));
    expect(await nodes.at(0).clients()).toEqual(ids);
    expect(ids).toHaveLength(TOTAL);
    await messagesPassHere();
    await messagesPassBetweenNodes();

    const killed = performance.now();
    await redis.kill();
    await becomes(() => Promise.all(nodes.up.map((node) => node.isReady())), [false, false, false], 3000);
    await messagesBetweenNodesAreRefused();
    while (performance.now() - killed < AWAY_MS) {
      await messagesPassHere();
      await messagesBetweenNodesAreRefused();
      await newcomersAreRefused();
      await sleep(1500);
    }
    expect(await Promise.all(nodes.up.map((node) => node.isReady()))).toEqual([false, false, false]);
    expect(closed).toEqual([]);

    await redis.restart();
    const back = performance.now();
    const rest = (): number => back + RECOVERY_MS - performance.now();
    await becomes(() => nodes.at(0).clients(), ids, rest());
    await becomes(() => rooms(nodes.at(0)), members, rest());
    await becomes(() => Promise.all(nodes.up.map((node) => node.isReady())), [true, true, true], rest());
    expect(rest()).toBeGreaterThan(0);
    await messagesPassBetweenNodes();
    expect(closed).toEqual([]);
    for (const node of nodes.up) {
      expect(await node.clients()).toEqual(ids);
      expect(await rooms(node)).toEqual(members);
    }
    // No member has left, so that no change is announced.
    expect(inRooms.map((client, i) => toldChanges(client, roomAt(i)))).toEqual(changes);

    // Restored ids and memberships are released as any others.
    const [leaver, ...others] = inRoom(0);
    await leaver.close();
    const left = (members[0] ?? []).slice(1);
    await becomes(
      () => others.map((client) => toldMembers(client, roomOf(0))),
      others.map(() => left),
    );
    expect(await nodes.at(1).members(roomOf(0))).toEqual(left);
    await becomes(
      () => nodes.at(2).clients(),
      ids.filter((id) => id !== leaver.id),
    );
    const newcomer = await nodes.at(0).peer('newcomer');
    expect(await newcomer.rest()).toEqual([]);

    EasyRtcClient.closeAll();
    await Promise.all([ConnectorClient.closeAll(), newcomer.close(), ...peers.map((peer) => peer.close())]);
    await nodes.stop();
  });
});
