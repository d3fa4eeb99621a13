import type { ClientPage, RemovedClients } from '../../src/admin/client.dto.js';
import type { NodeList } from '../../src/admin/cluster.dto.js';
import type { Problem } from '../../src/admin/problem.js';
import { becomes } from '../support/becomes.js';
import { type Node, Nodes } from '../support/nodes.js';
import { upgradeStatus } from '../support/peerjs-socket.js';
import { RedisServer } from '../support/redis-server.js';

/** Longest time until a node that was suspended serves clients again. */
const RECOVERY_MS = 30_000;

let nodes: Nodes;
let asked: Node;
let other: Node;

/** A node that is suspended for a test must not be taken for dead, which is answered in another way. */
const FLAGS = ['--node-timeout-ms', '30000'];

beforeEach(async () => {
  nodes = await Nodes.start(await RedisServer.start(RedisServer.IN_MEMORY), 2, { flags: FLAGS });
  [asked, other] = [nodes.at(0), nodes.at(1)];
});
afterEach(() => Nodes.endAll());

/** What the asked node says about the other one. */
async function shown(): Promise<NodeList['items'][number] | undefined> {
  const { body } = await asked.api.get<NodeList>('nodes');
  return body.items.find(({ name }) => name === other.name);
}

it('a node is drained and undrained through another one', async () => {
  const client = await other.connector();
  expect((await asked.api.post(['nodes', other.name, 'drain'])).status).toBe(202);
  await client.closed;
  await becomes(async () => (await shown())?.isDraining, true);
  expect([await upgradeStatus(other.url, '/'), await upgradeStatus(asked.url, '/')]).toEqual([503, 101]);
  expect((await asked.api.post(['nodes', other.name, 'undrain'])).status).toBe(204);
  expect((await shown())?.isDraining).toBe(false);
  await other.connector();
});

it('the log level of a node is set through another one', async () => {
  expect((await shown())?.logLevel).toBe('info');
  expect((await asked.api.put(['nodes', other.name, 'log-level'], { level: 'debug' })).status).toBe(204);
  expect((await shown())?.logLevel).toBe('debug');
  expect((await asked.api.get<NodeList>('nodes')).body.items.map(({ logLevel }) => logLevel)).toEqual([
    'info',
    'debug',
  ]);
});

it('clients of all nodes are counted and disconnected by address', async () => {
  const clients = await Promise.all([asked.connector(), other.connector(), other.connector()]);
  const filtered = await asked.api.get<ClientPage>('clients', { address: '127.0.0.0/8', limit: 1 });
  expect([filtered.body.items.length, filtered.body.total]).toEqual([1, 3]);
  const { body } = await asked.api.post<RemovedClients>('clients/disconnect', { address: '127.0.0.1', reason: 'Bye' });
  expect(body.removed).toBe(3);
  for (const { closed } of clients) expect(await closed).toEqual({ code: 1008, reason: 'Bye' });
});

it('a node that does not respond is listed as unreachable, and nothing waits for it', async () => {
  for (let i = 0; i < 2; i++) await asked.connector();
  process.kill(other.process.pid, 'SIGSTOP');
  try {
    const { body } = await asked.api.get<NodeList>('nodes');
    expect([body.items.map(({ name }) => name), body.unreachable]).toEqual([[asked.name], [other.name]]);
    const address = '127.0.0.1';
    const whole = await asked.api.get<ClientPage>('clients', { address });
    expect([whole.status, whole.body.items.length, whole.body.total]).toEqual([200, 2, 2]);
    const first = await asked.api.get<ClientPage>('clients', { address, limit: 1 });
    expect([first.status, first.body.items.length, first.body.total]).toEqual([200, 1, undefined]);
    const drain = await asked.api.post<Problem>(['nodes', other.name, 'drain']);
    expect([drain.status, drain.headers.get('retry-after')]).toEqual([503, '5']);
  } finally {
    process.kill(other.process.pid, 'SIGCONT');
  }
  await nodes.agree(RECOVERY_MS);
  expect((await asked.api.get<NodeList>('nodes')).body.unreachable).toEqual([]);
});
