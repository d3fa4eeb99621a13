import { jest } from '@jest/globals';
import { WebSocket } from 'ws';
import { Log } from '../../../src/logging/log.js';
import { type AdminServer, startAdminServer } from '../../support/admin-api.js';
import { attempt } from '../../support/attempts.js';
import { seconds, secretToken } from '../../support/issuer.js';
import { Metrics } from '../../support/prometheus-text.js';

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

/** Connects with a token, and returns the close code. */
function refused(token: string): Promise<number> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/?access_token=${token}`);
  return new Promise((resolve) => socket.on('close', resolve));
}

const count = async (outcome: string, reason: string): Promise<number> =>
  (await Metrics.of(server.url)).sum('signalbox_auth_total', { realm: 'default', outcome, reason });

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
});
