import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Config } from '../../../src/config/config.js';
import { Counters } from '../../../src/counters/counters.js';
import { Places } from '../../../src/transport/bounds/places.js';
import { Connections } from '../../../src/transport/lifecycle/connections.js';
import { becomes } from '../../support/becomes.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { upgradeStatus } from '../../support/peerjs-socket.js';
import { dial, requestOf, statusesOf } from '../../support/raw-http.js';
import { startServer, type TestServer } from '../../support/server.js';

const HANDSHAKE = '/socket.io/?EIO=4&transport=polling';

let server: TestServer;

async function start(options: Partial<Config> = {}): Promise<void> {
  server = await startServer(options);
}

const size = () => server.app.get(Connections, { strict: false }).size;
const taken = (address: string) => server.app.get(Places, { strict: false }).countFrom(address);
const ended = () => server.app.get(Counters, { strict: false }).endedConnections;

const from = (address: string) => ({ 'x-forwarded-for': address });

/** Opens a polling session and resolves with its URL. */
async function openSession(headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(`${server.url}${HANDSHAKE}`, { headers });
  expect(response.status).toBe(200);
  const { sid } = JSON.parse((await response.text()).slice(1)) as { sid: string };
  return `${server.url}${HANDSHAKE}&sid=${sid}`;
}

describe('polling handshakes in one write', () => {
  it('are limited to maxConnectionsPerIp for one address', async () => {
    await start({ maxConnectionsPerIp: 5, maxConnections: 50 });
    const socket = await dial(server.port);
    const statuses = await statusesOf(socket, Array<string>(2000).fill(requestOf(HANDSHAKE)));
    expect(statuses).toHaveLength(2000);
    expect(statuses.filter((status) => status !== 200 && status !== 429)).toEqual([]);
    expect(size()).toBe(5);
    expect(taken('127.0.0.1')).toBe(5);
  });

  it('are limited to maxConnections for many addresses', async () => {
    await start({ maxConnectionsPerIp: 5, maxConnections: 50, proxied: true });
    const socket = await dial(server.port);
    const requests = Array.from({ length: 2000 }, (_, i) =>
      requestOf(HANDSHAKE, from(`192.${i >> 10}.${(i >> 2) & 255}.1`)),
    );
    const statuses = await statusesOf(socket, requests);
    expect(statuses).toHaveLength(2000);
    expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
    expect(size()).toBe(50);
  });

  it('release their places when they fail', async () => {
    await start({ maxConnectionsPerIp: 5 });
    const socket = await dial(server.port);
    const failing = [
      requestOf('/socket.io/?EIO=4&transport=nonsense'),
      requestOf(HANDSHAKE, {}, 'DELETE'),
      requestOf('/socket.io/?EIO=4&transport=websocket'),
    ];
    const statuses = await statusesOf(socket, failing);
    expect(statuses).toEqual([400, 400, 400]);
    for (const path of ['/', '/peerjs', '/socket.io/?EIO=4&transport=websocket']) {
      const upgrade = requestOf(path, { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '1' });
      expect(await statusesOf(await dial(server.port), [upgrade])).toEqual([400]);
    }
    await becomes(() => taken('127.0.0.1'), 0);
  });
});

describe('an unused polling session', () => {
  it('is closed after some seconds, unlike one that polls or has logged in', async () => {
    await start();
    await openSession();
    const polling = await openSession();
    await (await fetch(polling, { method: 'POST', body: '40' })).text();
    await (await fetch(polling)).text();
    const answered = fetch(polling);
    const ann = await EasyRtcClient.login(server.url, {}, { transports: ['polling'] });
    expect(size()).toBe(3);
    await becomes(size, 2, 8000);
    expect(ended().entries()).toEqual([['unused', 1]]);
    await fetch(polling, { method: 'POST', body: '1' });
    expect((await answered).status).toBe(200);
    expect(await ann.rest()).toEqual([]);
  });

  it('is evicted for a new connection, the oldest first', async () => {
    await start({ maxConnections: 3 });
    const [first, second] = [await openSession(), await openSession()];
    await ConnectorClient.connectMany(2, server.wsUrl);
    expect(ended().entries()).toEqual([['unused', 1]]);
    // The second session now polls, so no session is unused.
    await fetch(second, { method: 'POST', body: '40' });
    await (await fetch(second)).text();
    const arrived = once(server.app.getHttpServer(), 'request');
    const news = fetch(second);
    await arrived;
    expect(await upgradeStatus(server.url, '/')).toBe(503);
    expect((await fetch(first)).status).toBe(503);
    expect(size()).toBe(3);
    await fetch(second, { method: 'POST', body: '1' });
    expect((await news).status).toBe(200);
  });

  it('is evicted only for a connection of its own address if that address is at its limit', async () => {
    await start({ maxConnectionsPerIp: 1, proxied: true });
    const other = await openSession(from('192.0.2.1'));
    await openSession(from('192.0.2.2'));
    await ConnectorClient.connect(server.wsUrl, { headers: from('192.0.2.2') });
    expect(taken('192.0.2.2')).toBe(1);
    expect(await upgradeStatus(server.url, '/', from('192.0.2.2'))).toBe(429);
    expect(taken('192.0.2.1')).toBe(1);
    expect((await fetch(other, { method: 'POST', body: '40' })).status).toBe(200);
  });
});

describe('maxConnectionsPerIp', () => {
  const DEFAULT = 256;

  /** Opens `count` connections at once. Resolves with the statuses of the rejected ones. */
  async function crowd(count: number, headers: Record<string, string> = {}): Promise<number[]> {
    const statuses = await Promise.all(
      Array.from({ length: count }, async () => {
        const socket = new WebSocket(server.wsUrl, { headers });
        return new Promise<number>((resolve) => {
          socket.once('open', () => resolve(101));
          socket.once('unexpected-response', (_, { statusCode = 0 }) => {
            socket.on('error', () => undefined);
            socket.terminate();
            resolve(statusCode);
          });
        });
      }),
    );
    return statuses.filter((status) => status !== 101);
  }

  it('is 256 for public addresses by default', async () => {
    await start({ proxied: true });
    expect(await crowd(DEFAULT + 4, from('203.0.113.9'))).toEqual([429, 429, 429, 429]);
    expect(await upgradeStatus(server.url, '/', from('203.0.113.8'))).toBe(101);
  });

  it('applies to private addresses from a trusted proxy', async () => {
    await start({ proxied: true });
    expect(await crowd(DEFAULT + 2, from('10.0.0.1'))).toEqual([429, 429]);
  });

  it('exempts local peers by default, as they may be proxies', async () => {
    await start();
    expect(await crowd(DEFAULT + 20, from('203.0.113.9'))).toEqual([]);
  });

  it('counts an IPv6 /64 as one address, and IPv4-mapped addresses as IPv4', async () => {
    await start({ maxConnectionsPerIp: 2, proxied: true });
    for (const address of ['2001:db8:0:1::1', '2001:DB8:0:1:ffff::2']) {
      await ConnectorClient.connect(server.wsUrl, { headers: from(address) });
    }
    expect(await upgradeStatus(server.url, '/', from('2001:db8:0:1:2:3:4:5'))).toBe(429);
    expect(await upgradeStatus(server.url, '/', from('2001:db8:0:2::1'))).toBe(101);
    for (const address of ['192.0.2.1', '::ffff:192.0.2.1']) {
      await ConnectorClient.connect(server.wsUrl, { headers: from(address) });
    }
    expect(await upgradeStatus(server.url, '/', from('::ffff:c000:201'))).toBe(429);
  });
});
