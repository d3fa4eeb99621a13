import type { Stats } from '../../../src/admin/cluster.dto.js';
import type { History } from '../../../src/admin/history.dto.js';
import { Backplane } from '../../../src/common/backplane.js';
import { startAdminServer } from '../../support/admin-api.js';

it('tells by stats and history of one node that the backplane does not respond', async () => {
  const server = await startAdminServer();
  for (const backplane of server.everywhere(Backplane)) {
    Object.defineProperty(backplane, 'isAvailable', { get: () => false, configurable: true });
  }
  const { status, body } = await server.api.get<Stats>('stats');
  expect(status).toBe(200);
  expect(body).toMatchObject({ isReady: false, backplane: 'down', nodes: 1, admin: { scope: 'operate' } });
  expect(body.notReady).toEqual([{ node: expect.any(String) as string, checks: ['backplane'] }]);
  expect(body).not.toHaveProperty('clients');
  expect(body).not.toHaveProperty('rooms');
  const history = (await server.api.get<History>('history')).body;
  expect(history.nodes).toHaveLength(1);
  expect(history.unreachable).toEqual([]);
});
