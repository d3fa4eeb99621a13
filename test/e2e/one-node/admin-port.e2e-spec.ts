import type { Server } from 'node:http';
import { get as httpsGet } from 'node:https';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import { AdminModule } from '../../../src/admin/admin.module.js';
import type { Config } from '../../../src/config/config.js';
import { configureApp, SignalboxModule } from '../../../src/index.js';
import { MonitoringModule } from '../../../src/monitoring/monitoring.module.js';
import { AdminApi, OPERATE_TOKEN } from '../../support/admin-api.js';
import { createCertificate } from '../../support/certificates.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { createHost, rootModule } from '../../support/host-application.js';
import { freePort } from '../../support/ports.js';
import { startServer, type TestServer } from '../../support/server.js';

const ADMIN_TOKENS = [`olga:operate:${OPERATE_TOKEN}`];

/** Paths for operators, with the status of an anonymous request where they are served. */
const FOR_OPERATORS = [
  ['/admin/v1/clients', 401],
  ['/docs', 200],
  ['/docs-json', 200],
  ['/docs-async.json', 200],
  ['/docs/swagger-ui.css', 200],
  ['/console', 200],
  ['/console/main.js', 200],
  ['/console/screens/clients.js', 200],
  ['/console/vendor/preact.js', 200],
  ['/metrics', 200],
] as const;

const FOR_ALL = ['/health/live', '/health/ready'];

const FOR_CLIENTS = ['/demo', '/demo/peer.js', '/peerjs/id', '/ice-servers', '/easyrtc/easyrtc.js', '/'];

async function statusOf(url: string): Promise<number> {
  const response = await fetch(url);
  await response.text();
  return response.status;
}

async function startBoth(options: Partial<Config> = {}): Promise<{ server: TestServer; operators: string }> {
  const adminPort = await freePort();
  const server = await startServer({ adminPort, adminTokens: ADMIN_TOKENS, ...options });
  return { server, operators: `http://127.0.0.1:${adminPort}` };
}

describe('without adminPort', () => {
  it('serves what is for operators on the main port', async () => {
    const { url } = await startServer({ adminTokens: ADMIN_TOKENS });
    for (const [path, status] of FOR_OPERATORS) expect([path, await statusOf(url + path)]).toEqual([path, status]);
  });
});

describe('adminPort', () => {
  it('serves what is for operators, and takes it off the main port', async () => {
    const { server, operators } = await startBoth();
    for (const [path, status] of FOR_OPERATORS) {
      expect([path, await statusOf(operators + path), await statusOf(server.url + path)]).toEqual([path, status, 404]);
    }
  });

  it('answers on the main port as for a path that does not exist', async () => {
    const { server } = await startBoth();
    for (const path of ['/docs', '/docs-json', '/console', '/metrics']) {
      const response = await fetch(server.url + path);
      expect(await response.text()).not.toMatch(/swagger|token|port/i);
    }
    const valid = await new AdminApi(server.url, OPERATE_TOKEN).get('clients');
    expect(valid).toMatchObject({ status: 404, body: { type: 'urn:signalbox:problem:not-found' } });
    const unknown = await new AdminApi(server.url, OPERATE_TOKEN).get('no/such/path');
    expect([unknown.status, unknown.body]).toEqual([404, valid.body]);
  });

  it('lets operators see the clients of the main port', async () => {
    const { server, operators } = await startBoth();
    const client = await ConnectorClient.connect(server.wsUrl);
    const { body } = await new AdminApi(operators, OPERATE_TOKEN).get<{ items: { id: string }[] }>('clients');
    expect(body.items.map(({ id }) => id)).toEqual([client.id]);
  });

  it('serves health on both ports', async () => {
    const { server, operators } = await startBoth();
    for (const path of FOR_ALL) {
      expect(await statusOf(operators + path)).toBe(200);
      expect(await statusOf(server.url + path)).toBe(200);
    }
  });

  it('serves nothing for clients', async () => {
    const { server, operators } = await startBoth();
    for (const path of FOR_CLIENTS) expect([path, await statusOf(operators + path)]).toEqual([path, 404]);
    expect(await statusOf(`${server.url}/demo`)).toBe(200);
    const socket = new WebSocket(operators.replace('http', 'ws'));
    await expect(
      new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject)),
    ).rejects.toThrow();
  });

  it('serves everything below basePath, too', async () => {
    const { operators } = await startBoth({ basePath: '/signal' });
    for (const [path, status] of FOR_OPERATORS) {
      expect([path, await statusOf(`${operators}/signal${path}`)]).toEqual([path, status]);
    }
  });

  it('leaves the metrics to metricsPort, if that is set', async () => {
    const metricsPort = await freePort();
    const { server, operators } = await startBoth({ metricsPort });
    expect(await statusOf(`http://127.0.0.1:${metricsPort}/metrics`)).toBe(200);
    expect([await statusOf(`${operators}/metrics`), await statusOf(`${server.url}/metrics`)]).toEqual([404, 404]);
  });

  it('speaks TLS if the server does', async () => {
    const { sslkey, sslcert } = createCertificate();
    const { operators } = await startBoth({ sslkey, sslcert });
    const status = await new Promise((resolve, reject) => {
      const url = `${operators.replace('http', 'https')}/health/live`;
      httpsGet(url, { rejectUnauthorized: false, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).once('error', reject);
    });
    expect(status).toBe(200);
    await expect(fetch(`${operators}/health/live`)).rejects.toThrow();
  });

  it('closes with the server', async () => {
    const { server, operators } = await startBoth();
    await server.close();
    await expect(fetch(`${operators}/health/live`)).rejects.toThrow();
  });

  it('rejects the start if the port is in use', async () => {
    const { operators } = await startBoth();
    const adminPort = Number(new URL(operators).port);
    await expect(startServer({ adminPort })).rejects.toMatchObject({ code: 'EADDRINUSE', port: adminPort });
  });

  it('works in an application with a prefix of its own', async () => {
    const adminPort = await freePort();
    const imports = [
      SignalboxModule.forRoot({ logLevel: 'silent', host: '127.0.0.1', adminPort, adminTokens: ADMIN_TOKENS }),
      AdminModule,
      MonitoringModule,
    ];
    const app = configureApp(await createHost(rootModule({ imports })));
    app.setGlobalPrefix('api');
    await app.listen(0, '127.0.0.1');
    const operators = `http://127.0.0.1:${adminPort}`;
    const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
    for (const [path, status] of [
      ['/api/admin/v1/clients', 401],
      ['/api/metrics', 200],
    ] as const) {
      expect([await statusOf(operators + path), await statusOf(`http://127.0.0.1:${port}${path}`)]).toEqual([
        status,
        404,
      ]);
    }
  });
});

describe('adminHost', () => {
  it('is the address of the admin port', async () => {
    const adminPort = await freePort();
    await startServer({ adminPort, adminHost: '127.0.0.2' });
    expect(await statusOf(`http://127.0.0.2:${adminPort}/health/live`)).toBe(200);
    await expect(fetch(`http://127.0.0.1:${adminPort}/health/live`)).rejects.toThrow();
  });
});

describe('pages that are off', () => {
  it.each<[keyof Config & ('demo' | 'docs' | 'console'), readonly string[]]>([
    ['demo', ['/demo', '/demo/peer.js']],
    ['docs', ['/docs', '/docs-json', '/docs-async.json']],
    ['console', ['/console', '/console/main.js']],
  ])('%s: false removes %j', async (name, paths) => {
    const on = await startServer();
    const off = await startServer({ [name]: false });
    for (const path of paths) {
      expect([path, await statusOf(on.url + path), await statusOf(off.url + path)]).toEqual([path, 200, 404]);
    }
  });
});
