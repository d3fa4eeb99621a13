import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../../src/config/config.js';
import { startServer, type TestServer } from '../../support/server.js';

let server: TestServer;
let agent: Agent;

beforeEach(() => {
  agent = new Agent({ keepAlive: true, maxSockets: 1 });
});

afterEach(async () => {
  agent.destroy();
  await server.close();
});

async function start(options: Partial<Config> = {}): Promise<void> {
  server = await startServer(options);
}

/** Sends a request from a connection pool, as a load balancer does. */
async function request(): Promise<{ status?: number; isReused: boolean; header: unknown; closed: Promise<unknown> }> {
  const outgoing = get(`${server.url}/health/live`, { agent });
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const closed = once(response.socket, 'close');
  response.resume();
  await once(response, 'end');
  const { statusCode: status, headers } = response;
  return { status, isReused: outgoing.reusedSocket, header: headers['keep-alive'], closed };
}

it('keeps an idle connection open longer than load balancers do', async () => {
  await start();
  expect(server.app.getHttpServer().keepAliveTimeout).toBe(75_000);
  expect((await request()).header).toBe('timeout=75');
});

it('closes an idle connection after the configured time', async () => {
  await start({ keepAliveTimeoutMs: 200 });
  const { closed } = await request();
  const since = performance.now();
  await closed;
  // The default of Node is a little over 5 s.
  expect(performance.now() - since).toBeLessThan(4000);
  expect(await request()).toMatchObject({ status: 200, isReused: false });
});

it('keeps an idle connection open longer than the time limit for a request', async () => {
  const upgradeTimeoutMs = 200;
  await start({ upgradeTimeoutMs });
  await request();
  // The server checks for slow requests every half second.
  await sleep(6 * upgradeTimeoutMs);
  expect(await request()).toMatchObject({ status: 200, isReused: true });
});

it('does not wait for an idle connection at shutdown', async () => {
  await start({ shutdownTimeoutMs: 60_000 });
  const { closed } = await request();
  await server.close();
  await closed;
});
