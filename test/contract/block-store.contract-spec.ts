import { randomUUID } from 'node:crypto';
import { MemoryBlockStore } from '../../src/backplane/memory/memory-block-store.js';
import { Keys } from '../../src/backplane/redis/keys.js';
import { RedisBlockStore } from '../../src/backplane/redis/redis-block-store.js';
import { RedisConnection } from '../../src/backplane/redis/redis-connection.js';
import type { BlockStore, NewBlock } from '../../src/blocks/block-store.js';
import { Config } from '../../src/config/config.js';
import { becomes } from '../support/becomes.js';
import { RedisServer } from '../support/redis-server.js';

const MANY = 1000;
const LONG_MS = 60_000;

/** The store of two nodes. */
interface Stores {
  readonly a: BlockStore;
  readonly b: BlockStore;
  readonly close: () => void;
}

const ann: NewBlock = { id: 'a', user: 'ann\n€', realm: 'acme', reason: '"spam"', by: 'olga', since: 1 };
const net: NewBlock = { id: 'n', address: '203.0.113.0/24', by: 'olga', since: 2 };

const idsIn = async (store: BlockStore): Promise<string[]> => (await store.list()).map(({ id }) => id);

function declareContract(open: () => Promise<Stores>): void {
  let stores: Stores;
  let a: BlockStore;
  let b: BlockStore;

  beforeEach(async () => {
    stores = await open();
    ({ a, b } = stores);
  });
  afterEach(() => stores.close());

  it('shows a block to all nodes, with the time that is left', async () => {
    expect(await a.put(ann, LONG_MS, MANY)).toBe(true);
    const [block] = await b.list();
    expect(block).toEqual({ ...ann, until: expect.any(Number) as number, remainingMs: expect.any(Number) as number });
    expect(block?.remainingMs).toBeGreaterThan(LONG_MS - 10_000);
    expect(block?.remainingMs).toBeLessThanOrEqual(LONG_MS);
    expect(Math.abs((block?.until ?? 0) - Date.now() - LONG_MS)).toBeLessThan(10_000);
  });

  it('lists the next to end first', async () => {
    await a.put(ann, LONG_MS, MANY);
    await a.put(net, LONG_MS / 2, MANY);
    expect(await idsIn(b)).toEqual(['n', 'a']);
  });

  it('replaces a block of the same id, whatever the bound', async () => {
    await a.put(ann, 100, 1);
    expect(await b.put({ ...ann, reason: 'flood' }, LONG_MS, 1)).toBe(true);
    expect(await a.list()).toMatchObject([{ id: 'a', reason: 'flood' }]);
    expect((await a.list())[0]?.remainingMs).toBeGreaterThan(LONG_MS / 2);
  });

  it('bounds the number of blocks, of those in force', async () => {
    await a.put(ann, 300, 1);
    expect(await b.put(net, LONG_MS, 1)).toBe(false);
    expect(await idsIn(a)).toEqual(['a']);
    await becomes(() => b.put(net, LONG_MS, 1), true);
    expect(await idsIn(a)).toEqual(['n']);
  });

  it('ends a block after its time', async () => {
    await a.put(ann, 200, MANY);
    await a.put(net, LONG_MS, MANY);
    expect(await idsIn(b)).toEqual(['a', 'n']);
    await becomes(() => idsIn(b), ['n']);
    expect(await a.remove('a')).toBe(false);
  });

  it('removes a block once', async () => {
    await a.put(ann, LONG_MS, MANY);
    expect([await b.remove('a'), await a.remove('a'), await a.remove('no such')]).toEqual([true, false, false]);
    expect([await idsIn(a), await idsIn(b)]).toEqual([[], []]);
  });
}

describe('BlockStore in memory', () => {
  declareContract(() => {
    const store = new MemoryBlockStore();
    return Promise.resolve({ a: store, b: store, close: () => undefined });
  });

  it('hands out no references to its own', async () => {
    const store = new MemoryBlockStore();
    await store.put(ann, LONG_MS, MANY);
    Object.assign((await store.list())[0] ?? {}, { user: 'bob' });
    expect(await store.list()).toMatchObject([{ user: ann.user }]);
  });
});

describe('BlockStore on Redis', () => {
  let redis: RedisServer;

  beforeAll(async () => {
    redis = await RedisServer.start(RedisServer.IN_MEMORY);
  });
  afterAll(() => RedisServer.killAll());

  const open = async (): Promise<Stores> => {
    const config = Object.assign(new Config(), { redis: redis.url, redisPrefix: randomUUID() });
    const connections = [new RedisConnection(config), new RedisConnection(config)];
    await Promise.all(connections.map((connection) => connection.whenReady(5000)));
    const [a, b] = connections.map((connection) => new RedisBlockStore(connection, new Keys(config)));
    return { a, b, close: () => connections.forEach((connection) => connection.close()) };
  };

  declareContract(open);

  it('puts back what Redis has lost, and nothing that was removed', async () => {
    const { a, b, close } = await open();
    await a.put(ann, LONG_MS, MANY);
    await a.put(net, LONG_MS, MANY);
    await Promise.all([a.list(), b.list()]);
    // The other node does not hear of it.
    await a.remove('n');
    expect(await idsIn(b)).toEqual(['a']);
    await a.list();
    await redis.ask((client) => client.flushall());
    await b.put({ ...net, id: 'new' }, LONG_MS, MANY);
    expect((await idsIn(a)).sort()).toEqual(['a', 'new']);
    expect((await idsIn(b)).sort()).toEqual(['a', 'new']);
    expect((await a.list()).find(({ id }) => id === 'a')).toMatchObject(ann);
    close();
  });

  it('leaves no key behind that does not expire', async () => {
    await redis.ask((client) => client.flushall());
    const { a, close } = await open();
    await a.put(ann, LONG_MS, MANY);
    const keys = await redis.keys();
    const times = await Promise.all(keys.map((key) => redis.ask((client) => client.pttl(key))));
    expect(times.length).toBeGreaterThan(0);
    for (const time of times) expect(time).toBeGreaterThan(0);
    close();
  });
});
