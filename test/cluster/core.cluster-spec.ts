import { setTimeout as sleep } from 'node:timers/promises';
import { becomes } from '../support/becomes.js';
import { type Node, Nodes, toldMembers } from '../support/nodes.js';
import { PeerJsSocket } from '../support/peerjs-socket.js';
import { RedisCluster } from '../support/redis-cluster.js';
import { RedisSentinel } from '../support/redis-sentinel.js';
import type { SharedRedis } from '../support/redis-server.js';
import { ConnectorStream, during, EasyRtcStream, haveAllCome, PeerJsStream, type Stream } from '../support/streams.js';

const FLAGS = ['--queue-ttl-ms', '1000', '--queue-sweep-ms', '200'];
const DEATH_MS = 3000;
const RECOVERY_MS = 5000;

interface Deployment {
  readonly redis: SharedRedis;
  /** Lets a part of Redis fail. Resolves once it is replaced and serves again. */
  readonly fail: () => Promise<void>;
}

async function cluster(): Promise<Deployment> {
  const redis = await RedisCluster.start();
  const [, master] = redis.masters;
  const fail = async (): Promise<void> => {
    await master.kill();
    await master.restart();
    await redis.isServed();
  };
  return { redis, fail };
}

async function sentinel(): Promise<Deployment> {
  const redis = await RedisSentinel.start();
  return { redis, fail: () => redis.failOver() };
}

const DEPLOYMENTS: [string, () => Promise<Deployment>][] = [
  ['a Redis Cluster whose master restarts empty', cluster],
  ['sentinels that promote a replica', sentinel],
];

afterEach(() => Nodes.endAll());

it.each(DEPLOYMENTS)('two nodes act as one server over %s', async (_, deploy) => {
  const { redis, fail } = await deploy();
  const nodes = await Nodes.start(redis, 2, { flags: FLAGS });
  const [a, b] = nodes.up;

  let named = 0;
  const streams = async (from: Node, to: Node): Promise<Stream[]> => [
    new ConnectorStream(await from.connector(), await to.connector()),
    new PeerJsStream(await from.peer(`peer ${++named}`), await to.peer(`peer ${++named}`)),
    new EasyRtcStream(await from.easyrtc(), await to.easyrtc()),
  ];
  const messagesPass = async (): Promise<void> => {
    const all = [...(await streams(a, b)), ...(await streams(b, a))];
    await during(all, () => sleep(500));
    await haveAllCome(all);
    await Promise.all(all.map((stream) => stream.end()));
  };
  await messagesPass();

  const ann = await a.connector();
  ann.send({ event: 'Create_Room', data: { room: 'den' } });
  await ann.next('Room_Created');
  const bob = await b.connector();
  bob.send({ event: 'Join_Room', data: { room: 'den' } });
  const erin = await b.easyrtc('den');
  await becomes(() => [ann, bob].map((member) => toldMembers(member, 'den')?.length), [3, 3]);
  const inRoom = await a.members('den');
  expect([...(inRoom ?? [])].sort()).toEqual([ann.id, bob.id, erin.id].sort());
  expect([ann, bob].map((member) => toldMembers(member, 'den'))).toEqual([inRoom, inRoom]);
  bob.send({ event: 'Message', room: 'den', data: 'to all' });
  expect(await ann.next('Message')).toEqual({ event: 'Message', from: bob.id, room: 'den', data: 'to all' });
  expect(await erin.nextOf('message')).toMatchObject({ senderEasyrtcid: bob.id, targetRoom: 'den', msgData: 'to all' });

  const pia = await a.peer('pia');
  await expect(PeerJsSocket.open(b.process.wsUrl, { id: 'pia', token: 'another' })).rejects.toThrow('ID-TAKEN');
  const pia2 = await b.peer('pia');
  await pia.closed;
  const pit = await a.peer('pit');
  pit.send({ type: 'OFFER', dst: 'pia', payload: 'to the new one' });
  expect(await pia2.next()).toEqual({ type: 'OFFER', src: 'pit', dst: 'pia', payload: 'to the new one' });

  for (const dst of ['late', 'never']) pit.send({ type: 'OFFER', dst, payload: 'waits' });
  const late = await b.peer('late');
  expect(await late.next()).toEqual({ type: 'OFFER', src: 'pit', dst: 'late', payload: 'waits' });
  expect(await pit.next()).toEqual({ type: 'EXPIRE', src: 'never', dst: 'pit' });
  expect(await pit.rest()).toEqual([]);

  const ids = [ann, bob, erin, pia2, pit, late].map(({ id }) => id).sort();
  for (const node of nodes.up) await becomes(() => node.clients(), ids);
  const keys = await redis.keys();
  expect(keys.length).toBeGreaterThan(0);
  expect(keys.filter((key) => !key.startsWith(nodes.prefix))).toEqual([]);

  const closed: string[] = [];
  for (const client of [ann, bob, erin, pia2, pit, late]) void client.closed.then(() => closed.push(client.id));
  await fail();
  const back = performance.now();
  const rest = (): number => back + RECOVERY_MS - performance.now();
  for (const node of nodes.up) {
    await becomes(() => node.isReady(), true, rest());
    await becomes(() => node.clients(), ids, rest());
    await becomes(() => node.members('den'), inRoom, rest());
  }
  await nodes.agree();
  await messagesPass();
  expect(closed).toEqual([]);

  const killed = performance.now();
  await nodes.kill(1);
  await becomes(() => toldMembers(ann, 'den'), [ann.id], killed + DEATH_MS - performance.now());
  await becomes(() => a.clients(), [ann.id, 'pit'].sort(), killed + DEATH_MS - performance.now());
  const pia3 = await a.peer('pia', { token: 'another' });
  pit.send({ type: 'OFFER', dst: 'pia', payload: 'again' });
  expect(await pia3.next()).toMatchObject({ type: 'OFFER', payload: 'again' });
  ann.send({ event: 'Message', to: bob.id, data: 1 });
  expect((await ann.next(({ type }) => type === 'error')).event).toBe('Not_Found');
  await nodes.stop();
});
