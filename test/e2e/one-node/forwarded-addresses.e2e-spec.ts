import { Controller, Get, Module, Req } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Request } from 'express';
import { ClientsService } from '../../../src/clients/clients.service.js';
import { configureApp, SignalboxModule } from '../../../src/index.js';
import { HttpAdapter } from '../../../src/transport/http/http.adapter.js';
import { AdminApi, startAdminServer } from '../../support/admin-api.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { PeerJsSocket, upgradeStatus } from '../../support/peerjs-socket.js';
import { startServer, type TestServer } from '../../support/server.js';
import { atTeardown } from '../../support/teardown.js';

/** Spellings of one address: those of proxies, and those of clients that want to count as many. */
const IPV4 = ['203.0.113.9', '203.0.113.9:1', '203.0.113.9:65535', '::ffff:203.0.113.9', '[::FFFF:cb00:7109]:80'];
const IPV6 = ['2001:db8::9', '[2001:db8::9]', '[2001:db8::9]:443', '2001:DB8:0:0:0::9', '2001:0db8::0009%eth0'];

const GARBAGE = [
  'unknown',
  '_hidden',
  '203.0.113.300',
  '203.0.113.9/32',
  '<script>',
  '"203.0.113.9"',
  'a'.repeat(5000),
];

const from = (forwarded: string) => ({ 'x-forwarded-for': forwarded });

async function addressesOf(server: TestServer): Promise<unknown[]> {
  const { items } = await server.app.get(ClientsService, { strict: false }).list({ realm: 'default', limit: 100 });
  return items.map(({ address }) => address);
}

const pollStatus = async (server: TestServer, forwarded: string): Promise<number> => {
  const response = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`, { headers: from(forwarded) });
  await response.text();
  return response.status;
};

describe.each([
  ['203.0.113.9', IPV4],
  ['2001:db8::9', IPV6],
])('every spelling of %s behind a trusted proxy', (address, spellings) => {
  it('counts as one address for the connection limit', async () => {
    const server = await startServer({ proxied: true, maxConnectionsPerIp: 1 });
    await ConnectorClient.connect(server.wsUrl, { headers: from(spellings[0]) });
    for (const spelling of spellings) {
      expect([spelling, await upgradeStatus(server.url, '/', from(spelling))]).toEqual([spelling, 429]);
      expect([spelling, await pollStatus(server, spelling)]).toEqual([spelling, 429]);
    }
  });

  it('is shown in one spelling', async () => {
    const server = await startServer({ proxied: 1 });
    for (const spelling of spellings) {
      await PeerJsSocket.open(server.wsUrl, { id: spelling, headers: from(`192.0.2.1, ${spelling}`) });
    }
    expect(await addressesOf(server)).toEqual(spellings.map(() => address));
  });

  it('counts as one address for the lockout of the admin API', async () => {
    const server = await startAdminServer({ proxied: true });
    const guess = async (spelling: string) =>
      (await new AdminApi(server.url, 'a-token-that-is-wrong', from(spelling)).get('stats')).status;
    const statuses: number[] = [];
    for (let i = 0; i < 20; i++) statuses.push(await guess(spellings[i % spellings.length]));
    expect(statuses.at(-1)).toBe(429);
    expect(await guess('192.0.2.1')).toBe(401);
  });
});

describe('an invalid address behind a trusted proxy', () => {
  it('counts as the address of the proxy', async () => {
    const server = await startServer({ proxied: true, maxConnectionsPerIp: 1 });
    await PeerJsSocket.open(server.wsUrl, { headers: from(GARBAGE[0]) });
    expect(await addressesOf(server)).toEqual(['127.0.0.1']);
    for (const garbage of GARBAGE) {
      expect([garbage, await upgradeStatus(server.url, '/', from(garbage))]).toEqual([garbage, 429]);
    }
    expect(await upgradeStatus(server.url, '/', from(`203.0.113.9, ${GARBAGE[0]}`))).toBe(429);
    // The entry of the nearest proxy counts, not the earlier ones from the client.
    expect(await upgradeStatus(server.url, '/', from(`${GARBAGE[0]}, 203.0.113.9`))).toBe(101);
  });

  it('is ignored beyond the trusted hops or subnets', async () => {
    const hops = await startServer({ proxied: 2 });
    await PeerJsSocket.open(hops.wsUrl, { id: 'a', headers: from('garbage, 203.0.113.9:4711') });
    await PeerJsSocket.open(hops.wsUrl, { id: 'b', headers: from('203.0.113.9:1, 192.0.2.1:2') });
    expect(await addressesOf(hops)).toEqual(['203.0.113.9', '203.0.113.9']);

    const subnets = await startServer({ proxied: 'loopback, 10.0.0.0/8, 2001:db8::/64' });
    await PeerJsSocket.open(subnets.wsUrl, { id: 'a', headers: from('garbage, 10.0.0.1:80') });
    await PeerJsSocket.open(subnets.wsUrl, { id: 'b', headers: from('203.0.113.9, [2001:DB8::1]:80, 10.0.0.1:80') });
    expect(await addressesOf(subnets)).toEqual(['10.0.0.1', '203.0.113.9']);
  });
});

it('reads several X-Forwarded-For headers as one', async () => {
  const server = await startServer({ proxied: 2 });
  await PeerJsSocket.open(server.wsUrl, {
    headers: { 'X-Forwarded-For': ['198.51.100.1', '203.0.113.9:1', '192.0.2.1:2'] as unknown as string },
  });
  expect(await addressesOf(server)).toEqual(['203.0.113.9']);
});

it('reports the same address to Express', async () => {
  @Controller('ip')
  class IpController {
    @Get()
    ip(@Req() { ip }: Request): { ip: unknown } {
      return { ip };
    }
  }

  @Module({ imports: [SignalboxModule.forRoot({ proxied: true, logLevel: 'silent' })], controllers: [IpController] })
  class OwnModule {}

  const adapter = new HttpAdapter({ proxied: true });
  const app = configureApp(await NestFactory.create(OwnModule, adapter, { logger: false }));
  atTeardown(() => app.close());
  await app.listen(0, '127.0.0.1');
  for (const [forwarded, ip] of [...IPV4.map((text) => [text, '203.0.113.9']), ['garbage', '127.0.0.1']]) {
    const response = await fetch(`${await app.getUrl()}/ip`, { headers: from(forwarded) });
    expect([forwarded, await response.json()]).toEqual([forwarded, { ip }]);
  }
});
