import { jest } from '@jest/globals';
import { ClientDirectory } from '../../../src/clients/client-directory.js';
import { type AdminServer, startAdminServer } from '../../support/admin-api.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { seconds, secretToken } from '../../support/issuer.js';
import { until } from '../../support/peerjs-socket.js';

const SECRET = 'a secret of enough characters';
const EXPIRED = { code: 1008, reason: 'token expired' };

describe('the expiry of a token', () => {
  let server: AdminServer;

  beforeAll(async () => {
    server = await startAdminServer({ auth: { mode: 'jwt', jwt: { secret: SECRET, clockToleranceS: 0 } } });
  });

  const connect = async (exp: number) => {
    const token = await secretToken(SECRET, { exp, signalbox: { id: 'a' } });
    return ConnectorClient.connect(`${server.wsUrl}/?access_token=${token}`);
  };
  const isGone = () => until(async () => (await server.api.get(['clients', 'a'])).status === 404);

  it('ends the client that has taken its id over, in its own time', async () => {
    const first = await connect(seconds(2));
    const second = await connect(seconds(4));
    expect((await first.closed).reason).not.toBe(EXPIRED.reason);
    expect(await second.closed).toEqual(EXPIRED);
    await isGone();
  });

  it('does not end a client that has taken the id over with a later expiry', async () => {
    const exp = seconds(2);
    await connect(exp);
    const second = await connect(seconds(60));
    await until(() => Date.now() > (exp + 1) * 1000);
    await second.drain();
    second.terminate();
    await isGone();
  });

  it('ends a client that is being registered', async () => {
    const exp = seconds(2);
    let letGo = (): void => undefined;
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    for (const directory of server.everywhere(ClientDirectory)) {
      const claim = directory.claim.bind(directory);
      jest.spyOn(directory, 'claim').mockImplementationOnce(async (...args) => {
        await gate;
        return claim(...args);
      });
    }
    const refused = expect(connect(exp)).rejects.toThrow(/A valid token is required|1008/);
    await until(() => Date.now() > (exp + 1) * 1000);
    letGo();
    await refused;
    await isGone();
  });
});
