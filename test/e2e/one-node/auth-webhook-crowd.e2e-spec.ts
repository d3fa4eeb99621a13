import type { ServerResponse } from 'node:http';
import { jest } from '@jest/globals';
import { ClientsService } from '../../../src/clients/clients.service.js';
import { Authenticator } from '../../../src/identity/authenticator.js';
import { becomes } from '../../support/becomes.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { Backend } from '../../support/issuer.js';
import { PeerJsSocket } from '../../support/peerjs-socket.js';
import { bearer } from '../../support/secured.js';
import { startServer, type TestServer } from '../../support/server.js';

const TOKEN = 'one-token-for-all';
const EACH = { connector: 500, peerjs: 400, easyrtc: 100 };
const ALL = EACH.connector + EACH.peerjs + EACH.easyrtc;
const PATIENCE_MS = 30_000;

let backend: Backend;
let held: ServerResponse[];
let server: TestServer;

beforeEach(async () => {
  held = [];
  backend = await Backend.start((_, response) => void held.push(response));
  server = await startServer({
    auth: {
      mode: 'webhook',
      webhook: { url: backend.url, secret: 'a secret of enough characters', timeoutMs: PATIENCE_MS },
    },
    maxConnectionsPerIp: 2 * ALL,
    loginTimeoutMs: PATIENCE_MS,
    upgradeTimeoutMs: PATIENCE_MS,
  });
});

afterEach(async () => {
  EasyRtcClient.closeAll();
  await ConnectorClient.closeAll();
});

/** Connects clients of all protocols at once. The backend answers when the server has asked about all of them. */
async function crowd(answer: (response: ServerResponse) => void): Promise<PromiseSettledResult<unknown>[]> {
  const asked = jest.spyOn(server.app.get(Authenticator, { strict: false }), 'authenticate');
  const msgData = { applicationName: 'default', credential: { token: TOKEN }, roomJoin: {} };
  const make = (count: number, one: (at: number) => Promise<unknown>) =>
    Array.from({ length: count }, (_, at) => one(at));
  const outcomes = Promise.allSettled([
    ...make(EACH.connector, () => ConnectorClient.connect(server.wsUrl, bearer(TOKEN))),
    ...make(EACH.peerjs, (at) => PeerJsSocket.open(server.wsUrl, { id: `peer-${at}`, token: TOKEN })),
    ...make(EACH.easyrtc, () => EasyRtcClient.login(server.url, msgData)),
  ]);
  await becomes(() => asked.mock.calls.length, ALL, PATIENCE_MS);
  await becomes(() => held.length > 0, true);
  expect(backend.requests).toBe(1);
  for (const response of held) answer(response);
  const all = await outcomes;
  expect(backend.requests).toBe(1);
  return all;
}

describe('a thousand clients of all protocols that connect with one token at once', () => {
  it('get in with one request to the webhook', async () => {
    const outcomes = await crowd((response) => response.end(JSON.stringify({ sub: 'ann' })));
    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);
    const { items } = await server.app.get(ClientsService, { strict: false }).list({ limit: 1000 });
    expect([items.length, new Set(items.map(({ user }) => user))]).toEqual([ALL, new Set(['ann'])]);
  });

  it('are refused with one request to the webhook', async () => {
    const outcomes = await crowd((response) => response.writeHead(403).end());
    const texts = outcomes.map((outcome) => (outcome.status === 'rejected' ? String(outcome.reason) : 'in'));
    const count = (text: string): number => texts.filter((one) => one.includes(text)).length;
    expect({
      connector: count('A valid token is required.'),
      peerjs: count('Invalid token provided'),
      easyrtc: count('LOGIN_BAD_AUTH'),
    }).toEqual(EACH);
  });
});
