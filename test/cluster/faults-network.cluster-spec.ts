import { setTimeout as sleep } from 'node:timers/promises';
import { becomes } from '../support/becomes.js';
import type { ConnectorClient } from '../support/connector-client.js';
import { type Node, Nodes, toldMembers } from '../support/nodes.js';
import { PeerJsSocket } from '../support/peerjs-socket.js';
import { startRedis } from '../support/shared-redis.js';
import type { Cut } from '../support/tcp-proxy.js';

const CUT_MS = 15_000;
/** Longest time until the other nodes declare the node dead. */
const DEATH_MS = 3000;
const RECOVERY_MS = 5000;
const CUTS: [Cut][] = [['broken'], ['silent']];

/** With a single Redis only: a cluster and sentinels announce addresses that bypass the proxy. */
describe('node that is cut off from Redis', () => {
  let nodes: Nodes;
  let a: Node;
  let b: Node;
  let c: Node;

  beforeEach(async () => {
    nodes = await Nodes.start(await startRedis('single'), 3, { proxied: [2] });
    [a, b, c] = nodes.up;
  });
  afterEach(() => Nodes.endAll());

  async function enter(client: ConnectorClient): Promise<ConnectorClient> {
    client.send({ event: 'Join_Room', data: { room: 'den' } });
    await client.next('Client_Added');
    return client;
  }

  /** Sends a message, and returns whether it has arrived yet; the target may not be found at first. */
  async function reaches(from: ConnectorClient, to: ConnectorClient, data: string): Promise<boolean> {
    from.send({ event: 'Message', to: to.id, data });
    await from.drain();
    return to.frames.some((frame) => frame.data === data);
  }

  it.each(CUTS)('(%s) loses its clients, and gets back those whose ids are still free', async (how) => {
    const ann = await a.connector();
    ann.send({ event: 'Create_Room', data: { room: 'den' } });
    await ann.next('Room_Created');
    const bob = await enter(await b.connector());
    const cara = await enter(await c.connector());
    const cleo = await enter(await c.connector());
    const erin = await c.easyrtc('den');
    const pia = await c.peer('pia', { token: 'same' });
    const pit = await c.peer('pit', { token: 'one' });
    const pam = await c.peer('pam');
    const all = [ann, bob, cara, cleo, erin].map(({ id }) => id);
    await becomes(() => [ann, bob, cara, cleo].map((member) => toldMembers(member, 'den')), Array(4).fill(all));
    const closed: string[] = [];
    for (const client of [ann, bob, cara, cleo, erin, pia, pit, pam]) {
      void client.closed.then(() => closed.push(client.id));
    }

    const since = performance.now();
    c.proxy?.cut(how);
    const left = [ann.id, bob.id];
    await becomes(() => [ann, bob].map((member) => toldMembers(member, 'den')), [left, left], DEATH_MS);
    await becomes(() => a.clients('node-2'), []);
    const pia2 = await a.peer('pia', { token: 'same' });
    const pit2 = await b.peer('pit', { token: 'another' });
    const dan = await enter(await b.connector());

    // Its own clients still reach one another.
    cara.send({ event: 'Message', to: cleo.id, data: 'still here' });
    expect((await cleo.next('Message')).data).toBe('still here');
    cara.send({ event: 'Message', to: ann.id, data: 'lost' });
    expect(await cara.next(({ type }) => type === 'error')).toMatchObject({ event: 'Unavailable' });
    await becomes(() => c.isReady(), false);
    expect(closed).toEqual([]);

    await sleep(since + CUT_MS - performance.now());
    expect(closed).toEqual([]);
    c.proxy?.heal();
    const healed = performance.now();
    const rest = (): number => healed + RECOVERY_MS - performance.now();
    const ids = [...all, dan.id, 'pam', 'pia', 'pit'].sort();
    await becomes(() => [...closed].sort(), ['pia', 'pit'], rest());
    await becomes(() => a.clients(), ids, rest());
    await becomes(() => c.clients('node-2'), [cara, cleo, erin, pam].map(({ id }) => id).sort(), rest());

    // The restored clients are members again, and all members know the same list.
    const inRoom = await a.members('den');
    expect(inRoom?.slice(0, 3)).toEqual([ann.id, bob.id, dan.id]);
    expect([...(inRoom ?? [])].sort()).toEqual([...all, dan.id].sort());
    const members = [ann, bob, cara, cleo, dan];
    await becomes(() => members.map((member) => toldMembers(member, 'den')), Array(5).fill(inRoom), rest());
    for (const node of nodes.up) {
      await becomes(() => node.clients(), ids, rest());
      await becomes(() => node.members('den'), inRoom, rest());
      await becomes(() => node.isReady(), true, rest());
    }
    expect(rest()).toBeGreaterThan(0);
    await nodes.agree();

    // Messages reach the current owner of an id.
    await becomes(() => reaches(ann, cara, 'to cara'), true);
    await becomes(() => reaches(cara, ann, 'to ann'), true);
    await becomes(() => reaches(bob, cleo, 'to cleo'), true);
    for (const [from, to] of [
      [pam, pia2],
      [pia2, pit2],
      [pit2, pam],
    ]) {
      from.send({ type: 'OFFER', dst: to.id, payload: from.id });
      expect(await to.next('OFFER')).toEqual({ type: 'OFFER', src: from.id, dst: to.id, payload: from.id });
    }
    expect([...pia.messages, ...pit.messages].filter(({ type }) => type === 'OFFER')).toEqual([]);
    expect([...closed].sort()).toEqual(['pia', 'pit']);
    await expect(PeerJsSocket.open(c.process.wsUrl, { id: 'pit', token: 'one' })).rejects.toThrow('ID-TAKEN');
    await nodes.stop();
  });
});
