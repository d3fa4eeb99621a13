import { ConnectorClient } from '../../support/connector-client.js';
import { PeerJsSocket, upgradeStatus } from '../../support/peerjs-socket.js';
import { peerWith, startSecured, tokenFor } from '../../support/secured.js';
import type { TestServer } from '../../support/server.js';

/** Number of bad tokens of an address in a minute that are answered in the words of the protocol. */
const FAILURES = 20;

let server: TestServer;

const list = (token?: string, more = '') =>
  fetch(`${server.url}/peerjs/peers${more}`, {
    headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
  });

describe('an address that sends bad tokens', () => {
  beforeEach(async () => {
    server = await startSecured({ allowDiscovery: true });
    for (let count = 0; count < FAILURES; count++) {
      const socket = await PeerJsSocket.connect(server.wsUrl, { id: 'eve', token: `bad ${count}` });
      expect(await socket.next()).toEqual({ type: 'ERROR', payload: { msg: 'Invalid token provided' } });
      await socket.closed;
    }
  });

  it('gets 429 instead of an upgrade for the next ones, and valid tokens are let in', async () => {
    const valid = await tokenFor('ann');
    expect(await upgradeStatus(server.url, '/peerjs?key=peerjs&id=eve&token=bad')).toBe(429);
    expect(await upgradeStatus(server.url, '/', { Authorization: 'Bearer bad' })).toBe(429);
    expect((await list('bad')).status).toBe(429);
    await peerWith(server, 'ann', valid);
    await ConnectorClient.connect(server.wsUrl, { headers: { Authorization: `Bearer ${valid}` } });
    expect((await list(valid)).status).toBe(200);
  });

  it('hears of other faults as ever', async () => {
    const socket = await PeerJsSocket.connect(server.wsUrl, { key: 'unknown', token: 'bad' });
    expect(await socket.next()).toEqual({ type: 'ERROR', payload: { msg: 'Invalid key provided' } });
  });
});

describe('GET P/:key/peers', () => {
  it('needs a valid token', async () => {
    server = await startSecured({ allowDiscovery: true });
    const valid = await tokenFor('ann');
    await peerWith(server, 'ann', valid);
    for (const token of [undefined, 'bad']) {
      const response = await list(token);
      expect([response.status, response.headers.get('WWW-Authenticate'), await response.text()]).toEqual([
        401,
        'Bearer',
        'Unauthorized',
      ]);
    }
    expect(await (await list(valid)).json()).toEqual(['ann']);
    expect(await (await list(undefined, `?access_token=${valid}`)).json()).toEqual(['ann']);
    expect((await fetch(`${server.url}/peerjs/id`)).status).toBe(200);
  });

  it('is refused as ever if discovery is off', async () => {
    server = await startSecured();
    const response = await list(await tokenFor('ann'));
    expect([response.status, response.headers.get('WWW-Authenticate')]).toEqual([401, null]);
  });
});
