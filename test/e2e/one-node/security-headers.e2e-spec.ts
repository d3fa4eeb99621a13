import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Controller, Get, type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AdminModule, serveDocs } from '../../../src/entries/admin.js';
import { MonitoringModule } from '../../../src/entries/monitoring.js';
import { configureApp, SignalboxModule } from '../../../src/index.js';
import { type AdminServer, startAdminServer } from '../../support/admin-api.js';
import { freePort } from '../../support/ports.js';

/** Paths of Signalbox; for pages, with the policy for their scripts. */
const OURS: readonly (readonly [path: string, policy: string])[] = [
  ['/', ''],
  ['/demo', "script-src 'self'"],
  ['/demo/', ''],
  ['/demo/demo.js', ''],
  ['/console', "style-src 'self'"],
  ['/console/', ''],
  ['/console/main.js', ''],
  ['/console/vendor/uplot.css', ''],
  ['/docs', "script-src 'self'"],
  ['/docs/swagger-ui-bundle.js', ''],
  ['/docs-json', ''],
  ['/docs-async.json', ''],
  ['/health/live', ''],
  ['/metrics', ''],
  ['/admin/v1/stats', ''],
  ['/admin/v1/nothing', ''],
  ['/peerjs/id', ''],
  ['/peerjs/peers', ''],
  ['/wrong/id', ''],
  ['/easyrtc/easyrtc.js', ''],
  ['/easyrtc/nothing.js', ''],
  ['/socket.io/socket.io.js', ''],
  ['/socket.io/?EIO=4&transport=polling', ''],
  ['/socket.io/?EIO=4&transport=nothing', ''],
];

const NOWHERE = ['/nothing', '/%zz', '/demo/nothing', '/health', '/peerjs/id/x'];

@Controller('own')
class OwnController {
  @Get()
  own(): string {
    return 'own';
  }
}

@Module({
  imports: [SignalboxModule.forRoot({ logLevel: 'silent' }), AdminModule, MonitoringModule],
  controllers: [OwnController],
})
class OwnModule {}

async function headersOf(url: string): Promise<Headers> {
  const response = await fetch(url, { redirect: 'manual' });
  await response.arrayBuffer();
  return response.headers;
}

async function expectProtected(url: string, policy: string): Promise<void> {
  const headers = await headersOf(url);
  const found = ['x-content-type-options', 'x-frame-options', 'cross-origin-resource-policy'].map((name) =>
    headers.get(name),
  );
  expect([url, ...found]).toEqual([url, 'nosniff', 'DENY', null]);
  const policies = headers.get('content-security-policy');
  expect([url, policies]).toEqual([url, expect.stringContaining("frame-ancestors 'none'")]);
  expect(policies).toContain(policy);
}

describe('answers of the stand-alone server', () => {
  let server: AdminServer;

  beforeAll(async () => (server = await startAdminServer()));
  afterAll(() => server.close());

  it.each([...OURS, ...NOWHERE.map((path) => [path, ''] as const)])(
    'have security headers: %s',
    async (path, policy) => {
      await expectProtected(server.url + path, policy);
    },
  );

  it('have security headers on the metrics port and for rejected connections', async () => {
    const metricsPort = await freePort();
    const other = await startAdminServer({ metricsPort, cors: ['https://ours.example'] });
    try {
      for (const path of ['/metrics', '/nothing']) await expectProtected(`http://127.0.0.1:${metricsPort}${path}`, '');
      const refused = await fetch(`${other.url}/socket.io/?EIO=4&transport=polling`, {
        headers: { Origin: 'https://theirs.example' },
      });
      expect([refused.status, refused.headers.get('x-content-type-options')]).toEqual([403, 'nosniff']);
    } finally {
      await other.close();
    }
  });
});

describe('answers of an application around Signalbox', () => {
  let app: INestApplication;
  let url: string;

  beforeAll(async () => {
    app = configureApp(await NestFactory.create(OwnModule, { logger: false, abortOnError: false }));
    serveDocs(app);
    await app.listen(0, '127.0.0.1');
    url = `http://127.0.0.1:${((app.getHttpServer() as Server).address() as AddressInfo).port}`;
  });
  afterAll(() => app.close());

  it.each(OURS)('have security headers on paths of Signalbox: %s', async (path, policy) => {
    await expectProtected(url + path, policy);
  });

  it.each(['/own', '/nothing'])('have no added headers on its own paths: %s', async (path) => {
    const headers = await headersOf(url + path);
    for (const name of ['x-content-type-options', 'x-frame-options', 'content-security-policy']) {
      expect([name, headers.get(name)]).toEqual([name, null]);
    }
  });
});
