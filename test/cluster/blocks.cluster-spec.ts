import type { BlockList, MadeBlock } from '../../src/admin/block.dto.js';
import { becomes } from '../support/becomes.js';
import { type Node, Nodes } from '../support/nodes.js';
import { upgradeStatus } from '../support/peerjs-socket.js';
import { RedisServer } from '../support/redis-server.js';

/** Longest time until nodes serve clients again after Redis was away. */
const RECOVERY_MS = 20_000;
const ADDRESS = '127.0.0.1';

afterEach(() => Nodes.endAll());

const block = async ({ api }: Node, seconds: number): Promise<MadeBlock> =>
  (await api.post<MadeBlock>('blocks', { address: ADDRESS, seconds })).body;

const status = ({ url }: Node): Promise<number | undefined> => upgradeStatus(url, '/');

const idsAt = async ({ api }: Node): Promise<string[] | undefined> =>
  (await api.get<Partial<BlockList>>('blocks')).body.items?.map(({ id }) => id);

it('a block of one node holds on all nodes, also on one that starts later, until it ends', async () => {
  const redis = await RedisServer.start(RedisServer.IN_MEMORY);
  const nodes = await Nodes.start(redis, 2);
  const client = await nodes.at(1).connector();
  const { id, removed } = await block(nodes.at(0), 3600);
  expect(removed).toBe(1);
  await client.closed;
  expect([await status(nodes.at(0)), await status(nodes.at(1))]).toEqual([403, 403]);
  await nodes.restart(1);
  expect(await status(nodes.at(1))).toBe(403);
  expect(await idsAt(nodes.at(1))).toEqual([id]);
  // Ends on all nodes.
  await nodes.at(1).api.delete(['blocks', id]);
  expect([await status(nodes.at(0)), await status(nodes.at(1))]).toEqual([101, 101]);
  await block(nodes.at(0), 2);
  expect(await status(nodes.at(1))).toBe(403);
  await becomes(() => status(nodes.at(1)), 101);
  expect(await idsAt(nodes.at(0))).toEqual([]);
});

it('a block survives a Redis that restarts empty', async () => {
  const redis = await RedisServer.start(RedisServer.IN_MEMORY);
  const nodes = await Nodes.start(redis, 2);
  const { id } = await block(nodes.at(0), 3600);
  await redis.kill();
  await redis.restart();
  await becomes(() => Promise.all(nodes.up.map((node) => node.isReady())), [true, true], RECOVERY_MS);
  expect(await Promise.all(nodes.up.map(idsAt))).toEqual([[id], [id]]);
  expect([await status(nodes.at(0)), await status(nodes.at(1))]).toEqual([403, 403]);
});
