import { jest } from '@jest/globals';
import { WebSocket } from 'ws';
import { MAX_FAILURES } from '../../../src/identity/auth-failures.js';
import { Authenticator } from '../../../src/identity/authenticator.js';
import { Log } from '../../../src/logging/log.js';
import { type AdminServer, startAdminServer } from '../../support/admin-api.js';
import { attempt } from '../../support/attempts.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { seconds, secretToken } from '../../support/issuer.js';
import { Metrics } from '../../support/prometheus-text.js';
import { bearer } from '../../support/secured.js';

const SECRET = 'a secret of enough characters';

let server: AdminServer;
let lines: unknown[];

beforeEach(async () => {
  server = await startAdminServer({ auth: { mode: 'jwt', jwt: { secret: SECRET } }, logLevel: 'info' });
  lines = [];
  const { logger } = server.app.get(Log, { strict: false });
  jest.spyOn(logger, 'info').mockImplementation((...line) => void lines.push(line));
});

afterEach(async () => {
  jest.restoreAllMocks();
  await server.close();
});

const wsUrl = (): string => server.url.replace('http', 'ws');

/** Connects with a token, and returns the close code. */
function refused(token: string): Promise<number> {
  const socket = new WebSocket(`${wsUrl()}/?access_token=${token}`);
  return new Promise((resolve) => socket.on('close', resolve));
}

const count = async (outcome: string, reason: string): Promise<number> =>
  (await Metrics.of(server.url)).sum('signalbox_auth_total', { realm: 'default', outcome, reason });

afterEach(() => ConnectorClient.closeAll());

describe('an authentication', () => {
  it('is logged and counted with its reason, and never with the token', async () => {
    const expired = await secretToken(SECRET, { exp: seconds(-60) });
    const forged = await secretToken('another secret of enough characters');
    expect([await refused(expired), await refused(forged)]).toEqual([1008, 1008]);
    expect(await attempt(server, await secretToken(SECRET))).toMatchObject({ sub: 'alice' });
    const about = { protocol: 'peer2peer-connector', realm: 'default', code: 'UNAUTHENTICATED', address: '127.0.0.1' };
    for (const reason of ['expired', 'signature']) expect(lines).toContainEqual([{ ...about, reason }, 'refused']);
    expect(lines.filter((line) => JSON.stringify(line).includes('refused'))).toHaveLength(2);
    expect([await count('refused', 'expired'), await count('accepted', 'token')]).toEqual([1, 1]);
    const seen = JSON.stringify(lines) + (await (await fetch(`${server.url}/metrics`)).text());
    for (const token of [expired, forged]) expect(seen).not.toContain(token.slice(-20));
  });

  it.each([
    ['subject', { sub: 'eve' }],
    ['id', { signalbox: { id: 'other' } }],
  ])('that renews a token is logged and counted as refused: %s', async (reason, claims) => {
    const client = await ConnectorClient.connect(wsUrl(), bearer(await secretToken(SECRET)));
    client.send({ event: 'Authenticate', data: { token: await secretToken(SECRET, claims) } });
    expect(await client.closed).toMatchObject({ code: 1008 });
    const about = { protocol: 'peer2peer-connector', realm: 'default', code: 'UNAUTHENTICATED', address: '127.0.0.1' };
    expect(lines).toContainEqual([{ ...about, reason }, 'refused']);
    expect([await count('refused', reason), await count('accepted', 'token')]).toEqual([1, 1]);
  });

  it('that renews a token with one of another user counts for the lock of the address', async () => {
    for (let failures = 0; failures < MAX_FAILURES; failures++) {
      const client = await ConnectorClient.connect(wsUrl(), bearer(await secretToken(SECRET)));
      client.send({ event: 'Authenticate', data: { token: await secretToken(SECRET, { sub: 'eve' }) } });
      await client.closed;
    }
    expect(server.app.get(Authenticator, { strict: false }).isLocked('127.0.0.1')).toBe(true);
  });
});
