import { becomes } from '../support/becomes.js';
import { ConnectorClient } from '../support/connector-client.js';
import { type Node, Nodes } from '../support/nodes.js';
import { PeerJsSocket, until } from '../support/peerjs-socket.js';
import { RedisServer } from '../support/redis-server.js';

const FLAGS = ['--serve-without-redis', '--queue-ttl-ms', '500', '--queue-sweep-ms', '100'];
/** Longest time until the nodes agree again. */
const RECOVERY_MS = 5000;

let redis: RedisServer;
let nodes: Nodes;
let a: Node;
let b: Node;
/** Connected during the whole test: one client of each protocol on each node. */
let ann: ConnectorClient;
let bob: ConnectorClient;
let pia: PeerJsSocket;
let quin: PeerJsSocket;

async function start(proxied: readonly number[] = []): Promise<void> {
  redis = await RedisServer.start(RedisServer.IN_MEMORY);
  nodes = await Nodes.start(redis, 2, { flags: FLAGS, proxied });
  [a, b] = nodes.up;
  [ann, bob] = [await a.connector(), await b.connector()];
  [pia, quin] = [await a.peer('pia'), await b.peer('quin')];
}

afterEach(() => Nodes.endAll());

const isOpen = ({ ws }: PeerJsSocket): boolean => ws.readyState === ws.OPEN;

/** Expects a node to reject the id as taken. */
async function refused(node: Node, id: string): Promise<void> {
  const socket = await PeerJsSocket.connect(node.process.wsUrl, { id, token: 'of another client' });
  expect((await socket.next()).type).toBe('ID-TAKEN');
  await socket.closed;
}

/** Exchanges messages in both directions, within and across the protocols. */
async function messagesPass(connectors: readonly ConnectorClient[], peers: readonly PeerJsSocket[]): Promise<void> {
  for (const [from, to] of [connectors, connectors.toReversed()]) {
    from.send({ event: 'Message', to: to.id, data: 'hello' });
    expect(await to.next('Message')).toEqual({ event: 'Message', from: from.id, data: 'hello' });
  }
  for (const [from, to] of [peers, peers.toReversed()]) {
    from.send({ type: 'OFFER', dst: to.id, payload: 'hello' });
    expect(await to.next('OFFER')).toEqual({ type: 'OFFER', src: from.id, dst: to.id, payload: 'hello' });
  }
  for (const [connector, peer] of connectors.map((client, i) => [client, peers[1 - i]] as const)) {
    connector.send({ event: 'Answer', to: peer.id, data: 1 });
    expect(await peer.next('ANSWER')).toEqual({ type: 'ANSWER', src: connector.id, dst: peer.id, payload: 1 });
    peer.send({ type: 'CANDIDATE', dst: connector.id, payload: 2 });
    expect(await connector.next('Candidate')).toEqual({ event: 'Candidate', from: peer.id, data: 2 });
  }
}

/** Closes all clients and stops all nodes, which must leave no key in Redis. */
async function stop(...others: PeerJsSocket[]): Promise<void> {
  await ConnectorClient.closeAll();
  await Promise.all([pia, quin, ...others].map((peer) => peer.close()));
  await nodes.stop();
}

it('connects clients of one node while Redis is away, and of all nodes once it is back', async () => {
  await start();
  await redis.kill();
  const [connector, peer] = [await a.connector(), await a.peer('new')];
  await messagesPass([ann, connector], [pia, peer]);
  await refused(a, 'new');
  await refused(a, 'pia');
  const former = await b.peer('quick');
  const again = await b.peer('quick');
  expect((await former.closed).code).toBe(1000);
  // Clients of other nodes are unreachable.
  bob.send({ event: 'Message', to: connector.id, data: 1 });
  expect(await bob.next()).toMatchObject({ type: 'error', event: 'Unavailable' });
  quin.send({ type: 'OFFER', dst: 'new' });
  expect(await quin.next()).toEqual({ type: 'EXPIRE', src: 'new', dst: 'quin' });

  await redis.restart();
  const all = [ann, bob, connector, pia, quin, peer, again].map(({ id }) => id).sort();
  await becomes(() => b.clients(), all, RECOVERY_MS);
  await messagesPass([bob, connector], [quin, peer]);
  await messagesPass([ann, bob], [pia, again]);
  await refused(b, 'new');
  await stop(peer, again);
});

it('keeps one of two clients that took the same id on two nodes meanwhile', async () => {
  await start();
  await redis.kill();
  const twins = [await a.peer('twin', { token: 'one' }), await b.peer('twin', { token: 'another' })];
  await redis.restart();
  await becomes(() => a.clients(), [ann.id, bob.id, 'pia', 'quin', 'twin'].sort(), RECOVERY_MS);
  await until(() => !twins.every(isOpen));
  const [twin, ...others] = twins.filter(isOpen);
  expect(others).toEqual([]);
  await messagesPass([ann, bob], [pia, twin]);
  await messagesPass([bob, ann], [quin, twin]);
  expect(await twin.rest()).toEqual([]);
  await stop(twin);
});

it('prefers a client on a node with Redis to one with the same id on a node without', async () => {
  await start([0]);
  a.proxy?.cut('broken');
  const alone = await a.peer('twin', { token: 'one' });
  await messagesPass([ann, await a.connector()], [pia, alone]);
  const twin = await b.peer('twin', { token: 'another' });
  a.proxy?.heal();
  await alone.closed;
  expect(isOpen(twin)).toBe(true);
  await messagesPass([ann, bob], [pia, twin]);
  await refused(a, 'twin');
  await stop(twin);
});
