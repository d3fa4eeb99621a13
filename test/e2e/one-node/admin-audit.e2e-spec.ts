import type { NodeList } from '../../../src/admin/cluster.dto.js';
import { AdminApi, OPERATE_TOKEN, problem, READ_TOKEN } from '../../support/admin-api.js';
import { PeerJsSocket, until } from '../../support/peerjs-socket.js';
import { ProcessServer } from '../../support/process-server.js';

const OTTOS_TOKEN = 'otto-may-change-things-too';
const WRONG_TOKEN = 'a-token-that-is-wrong';
const TOKENS = [`olga:operate:${OPERATE_TOKEN}`, `otto:operate:${OTTOS_TOKEN}`, `rudi:read:${READ_TOKEN}`].join(',');

const GENERATED = 'admin token for this run';

describe('admin API: the audit log', () => {
  afterEach(() => ProcessServer.killAll());

  const auditLines = ({ lines }: ProcessServer) =>
    lines
      .filter(({ audit }) => audit === true)
      .map(({ admin, method, path, status, reason }) => ({ admin, method, path, status, reason }));

  it('has one line per change, with the name of the admin and without tokens', async () => {
    const server = await ProcessServer.start([], { SIGNALBOX_ADMIN_TOKENS: TOKENS, SIGNALBOX_LOG_LEVEL: 'trace' });
    const olga = new AdminApi(server.url, OPERATE_TOKEN);
    const otto = new AdminApi(server.url, OTTOS_TOKEN);
    const rudi = new AdminApi(server.url, READ_TOKEN);
    const peer = await PeerJsSocket.open(server.wsUrl, 'a/b');
    const [{ name }] = (await rudi.get<NodeList>('nodes')).body.items;

    const changes: { admin: string; method: string; path: string; status: number; reason?: string }[] = [];
    async function change(admin: string, method: string, path: string, status: number, body?: unknown) {
      const reason = (body as { reason?: string } | undefined)?.reason;
      changes.push({ admin, method, path: `/admin/v1/${path}`, status, reason });
      const api = admin === 'olga' ? olga : otto;
      expect((await api.request(method, path, { body })).status).toBe(status);
      await until(() => auditLines(server).length >= changes.length);
    }
    await change('olga', 'POST', 'rooms', 201, { id: 'lobby' });
    await change('otto', 'POST', 'rooms', 409, { id: 'lobby' });
    await change('otto', 'POST', 'rooms', 400, { id: 7 });
    await change('olga', 'POST', 'rooms/lobby/messages', 204, { data: 1 });
    await change('olga', 'DELETE', 'rooms/lobby/clients/a%2Fb', 404);
    await change('otto', 'DELETE', 'rooms/lobby', 204);
    await change('olga', 'POST', 'clients/a%2Fb/messages', 409, { data: 1 });
    await change('otto', 'DELETE', 'clients/a%2Fb', 204, { reason: 'spam' });
    await change('olga', 'DELETE', 'clients/nobody?realm=acme', 404);
    await change('otto', 'DELETE', 'users/alice', 200, { reason: 'left the company' });
    await change('olga', 'POST', 'nodes/nobody/drain', 404);
    await change('otto', 'POST', `nodes/${name}/drain`, 202);
    await peer.closed;

    for (const path of ['clients', 'rooms', 'stats', 'nodes', 'realms']) await olga.get(path);
    await rudi.post('rooms', {});
    await new AdminApi(server.url, WRONG_TOKEN).post('rooms', {});
    await new AdminApi(server.url).delete('clients/a%2Fb');
    await server.stop();
    expect(auditLines(server)).toEqual(changes);
    const everything = JSON.stringify(server.lines) + server.errors;
    for (const token of [OPERATE_TOKEN, OTTOS_TOKEN, READ_TOKEN, WRONG_TOKEN]) expect(everything).not.toContain(token);
    expect(server.lines.map(({ msg }) => msg)).not.toContain(GENERATED);
  });

  it('has a generated token if none is configured and only this machine can connect', async () => {
    const server = await ProcessServer.start([], { NODE_ENV: 'development' });
    const { token } = await server.line(GENERATED);
    expect(token).toEqual(expect.stringMatching(/^[\w-]{32,}$/));
    const api = new AdminApi(server.url, token as string);
    expect((await api.get('stats')).status).toBe(200);
    expect((await api.post('rooms', { id: 'lobby' })).status).toBe(201);
    expect(await new AdminApi(server.url, WRONG_TOKEN).get('stats')).toEqual(problem('unauthorized'));
    const next = await ProcessServer.start([], { NODE_ENV: '' });
    expect((await next.line(GENERATED)).token).not.toBe(token);
    expect(await new AdminApi(next.url, token as string).get('stats')).toEqual(problem('unauthorized'));
  });

  it.each([
    ['in production', { NODE_ENV: 'production' }],
    ['if other machines can connect', { SIGNALBOX_HOST: '0.0.0.0', NODE_ENV: 'development' }],
  ])('has no generated token %s', async (_, env) => {
    const server = await ProcessServer.start([], env);
    const answer = await new AdminApi(server.url, WRONG_TOKEN).get('stats');
    expect(answer).toEqual(problem('not-found', 'The admin API is off: no token is configured.'));
    await server.stop();
    expect(server.lines.filter(({ msg, token }) => msg === GENERATED || token !== undefined)).toEqual([]);
  });
});
