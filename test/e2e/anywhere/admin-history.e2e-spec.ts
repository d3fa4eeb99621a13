import type { History, NodeColumns } from '../../../src/admin/history.dto.js';
import type { TokenDetail } from '../../../src/admin/token.dto.js';
import { NodeIdentity } from '../../../src/common/node-identity.js';
import {
  AdminApi,
  type AdminServer,
  OPERATE_TOKEN,
  problem,
  type Query,
  startAdminServer,
} from '../../support/admin-api.js';
import { until, upgradeStatus } from '../../support/peerjs-socket.js';
import { makeRoom, Visitors } from '../../support/visitors.js';

const BOUND_TOKEN = 'a-token-that-is-bound-to-acme';
/** Two intervals of samples, and time for a busy machine. */
const PATIENCE_MS = 30_000;

const total = (column: readonly number[] = []): number => column.reduce((sum, count) => sum + count, 0);

describe('admin API: history', () => {
  let server: AdminServer;
  let visitors: Visitors;

  beforeAll(async () => {
    const adminTokens = [`olga:operate:${OPERATE_TOKEN}`, `bo:operate:${BOUND_TOKEN}:acme`];
    server = await startAdminServer({ adminTokens });
    visitors = new Visitors(server, server.api);
  });
  afterEach(() => visitors.leave());
  afterAll(() => server.close());

  const history = async (query?: Query) => (await server.api.get<History>('history', query)).body;
  const names = () =>
    server
      .everywhere(NodeIdentity)
      .map(({ name }) => name)
      .sort();
  /** Sums a column over all nodes. */
  const sum = (nodes: readonly NodeColumns[], read: (node: NodeColumns) => readonly number[] | undefined): number =>
    total(nodes.map((node) => total(read(node))));

  it(
    'counts what has happened on each node since the sample before',
    async () => {
      const ann = await visitors.connector();
      await visitors.connector();
      await visitors.peer('pia');
      await makeRoom('den', ann);
      const bob = await visitors.connector();
      await bob.close();
      expect(await upgradeStatus(server.url, '/nowhere')).toBe(404);
      await until(async () => {
        const { nodes } = await history();
        return (
          total(nodes.map(({ clients }) => clients.at(-1) ?? 0)) === 3 && sum(nodes, ({ connects }) => connects) >= 4
        );
      }, PATIENCE_MS);

      const { nodes, unreachable, intervalSeconds, next } = await history();
      expect({ names: nodes.map(({ name }) => name), unreachable, intervalSeconds }).toEqual({
        names: names(),
        unreachable: [],
        intervalSeconds: 5,
      });
      expect(sum(nodes, ({ connects }) => connects)).toBe(4);
      expect(sum(nodes, ({ disconnects }) => Object.values(disconnects).flat())).toBeGreaterThanOrEqual(1);
      expect(sum(nodes, ({ refusals }) => refusals[404])).toBe(1);
      expect(sum(nodes, ({ framesIn }) => framesIn)).toBeGreaterThanOrEqual(1);
      expect(sum(nodes, ({ framesOut }) => framesOut)).toBeGreaterThanOrEqual(4);
      expect(total(nodes.map(({ rooms }) => rooms.at(-1) ?? 0))).toBe(1);
      for (const { time, rssBytes, eventLoopDelayP99Ms, backplaneUp, handlingP99Ms } of nodes) {
        expect(time.filter((seconds) => seconds % 5 !== 0)).toEqual([]);
        expect(Math.abs(time.at(-1)! - Date.now() / 1000)).toBeLessThan(60);
        expect(time.at(-1)).toBeGreaterThanOrEqual(next);
        expect(rssBytes.at(-1)).toBeGreaterThan(10_000_000);
        expect(eventLoopDelayP99Ms.at(-1)).toBeGreaterThanOrEqual(0);
        expect(backplaneUp.at(-1)).toBe(1);
        expect(handlingP99Ms).toHaveLength(time.length);
      }
    },
    PATIENCE_MS * 2,
  );

  it(
    'returns only newer samples after `since`, and each sample once',
    async () => {
      const started = await history();
      const seen = new Map<string, number[]>(started.nodes.map(({ name, time }) => [name, [...time]]));
      let { next } = started;
      const isOver = () => [...seen.values()].every((times) => times.length >= started.nodes[0].time.length + 2);
      await until(async () => {
        const answer = await history({ since: next });
        for (const { name, time } of answer.nodes) {
          expect(time.filter((one) => one <= next)).toEqual([]);
          const known = seen.get(name)!;
          known.push(...time.filter((one) => !known.includes(one)));
        }
        ({ next } = answer);
        return isOver();
      }, PATIENCE_MS);
      const whole = await history();
      for (const { name, time } of whole.nodes) expect(time.slice(0, seen.get(name)!.length)).toEqual(seen.get(name));
      const { nodes } = await history({ since: Math.max(...whole.nodes.flatMap(({ time }) => time)) + 60 });
      for (const { time, connects, disconnects } of nodes) {
        expect({ time, connects, disconnects }).toEqual({ time: [], connects: [], disconnects: {} });
      }
    },
    PATIENCE_MS * 2,
  );

  it.each<Query>([{ since: 'x' }, { since: -1 }, { since: 1.5 }, { since: ['1', '2'] }, { color: 'red' }])(
    'rejects the query %j',
    async (query) => expect(await server.api.get('history', query)).toEqual(problem('bad-request')),
  );

  it('is not for tokens that are bound to realms, which can ask what they permit', async () => {
    const bound = new AdminApi(server.url, BOUND_TOKEN);
    expect(await bound.get('history')).toEqual(problem('forbidden'));
    expect((await bound.get<TokenDetail>('token')).body).toEqual({ name: 'bo', scope: 'operate', realms: ['acme'] });
    expect((await server.api.get<TokenDetail>('token')).body).toEqual({ name: 'olga', scope: 'operate' });
  });
});
