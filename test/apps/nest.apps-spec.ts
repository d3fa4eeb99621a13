import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConnectorClient } from '../support/connector-client.js';
import { EasyRtcClient } from '../support/easyrtc-client.js';
import { PackedApp, type RunningApp } from '../support/packed-app.js';
import { PeerJsSocket } from '../support/peerjs-socket.js';

const { exports } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
  exports: Record<string, unknown>;
};
const ENTRIES = Object.keys(exports)
  .filter((entry) => entry !== './package.json')
  .map((entry) => (entry === '.' ? 'signalbox' : entry.slice('./'.length)));

/** The ways in which TypeScript finds the types of a package, for ES modules and for CommonJS. */
const RESOLUTIONS = {
  esm: [
    ['nodenext', 'nodenext'],
    ['node16', 'node16'],
    ['node20', 'node16'],
    ['esnext', 'bundler'],
  ],
  cjs: [
    ['nodenext', 'nodenext'],
    ['node20', 'node16'],
    ['commonjs', 'bundler'],
  ],
} satisfies Record<string, [module: string, moduleResolution: string][]>;

describe.each(['esm', 'cjs'] as const)('a Nest 12 application (%s) with the packed package', (kind) => {
  let app: PackedApp;

  beforeAll(async () => {
    app = await PackedApp.install(`test/apps/nest-${kind}`);
    await app.build();
  });

  it('finds exports in every entry, the same ones for ES modules and CommonJS', async () => {
    const found = JSON.parse(await app.succeed('node', 'dist/entries.js')) as Record<string, string[]>;
    expect(Object.keys(found).sort()).toEqual([...ENTRIES].sort());
    expect(found.signalbox).toEqual(
      expect.arrayContaining(['SignalboxModule', 'configureApp', 'createApp', 'listen', 'loadConfig']),
    );
    expect(found.admin).toEqual(expect.arrayContaining(['AdminModule', 'serveDocs']));
    expect(found.monitoring).toContain('MonitoringModule');
    const all = Object.entries(found).flatMap(([entry, names]) => names.map((name) => `${entry}: ${name}`));
    exported[kind] = all.filter((name) => !/: (default|module\.exports|__esModule)$/.test(name)).sort();
    if (exported.esm && exported.cjs) expect(exported.cjs).toEqual(exported.esm);
  });

  it('gets the same classes from import() and from its import statements', async () => {
    expect(await app.succeed('node', 'dist/both.js')).toBe('true');
  });

  it.each(RESOLUTIONS[kind])('gets types with module %s and moduleResolution %s', async (module, moduleResolution) => {
    const { output } = await app.run(
      ...['npx', 'tsc', '--noEmit', '--skipLibCheck', 'false'],
      ...['--module', module, '--moduleResolution', moduleResolution],
    );
    // Nest's own declarations name packages that an application need not have.
    const errors = output
      .split('\n')
      .filter((line) => !line.startsWith('node_modules/@nestjs/') && line.includes('error TS'));
    expect(errors).toEqual([]);
  });

  describe('that runs', () => {
    let running: RunningApp;

    beforeAll(async () => {
      running = await app.start();
    });

    it('serves clients of all protocols, its own routes, admin API, metrics and docs', async () => {
      await ConnectorClient.connect(running.wsUrl);
      await PeerJsSocket.open(running.wsUrl, 'bob');
      await EasyRtcClient.login(running.url);
      expect(await (await fetch(`${running.url}/count`)).json()).toEqual({ clients: 3 });
      const paths = ['/peerjs/id', '/health/live', '/metrics', '/docs', '/docs-json', '/easyrtc/easyrtc.js', '/demo'];
      const statuses = paths.map(async (path) => [path, (await fetch(running.url + path)).status]);
      expect(await Promise.all(statuses)).toEqual(paths.map((path) => [path, 200]));
      const headers = { authorization: 'Bearer 0123456789abcdef' };
      const { items } = (await (await fetch(`${running.url}/admin/v1/clients`, { headers })).json()) as {
        items: { protocol: string }[];
      };
      expect(items.map(({ protocol }) => protocol).sort()).toEqual(['easyrtc', 'peer2peer-connector', 'peerjs']);
      EasyRtcClient.closeAll();
    });

    it('writes no warning', () => {
      expect(running.output()).toContain('Starting Nest application');
      expect(running.output()).not.toMatch(/warn/i);
    });
  });
});

/** The exports that each kind of application has found. */
const exported: { esm?: string[]; cjs?: string[] } = {};

it('makes npm refuse a Nest 11 application, instead of installing a second Nest', async () => {
  const { code, output } = await PackedApp.copy('test/apps/nest-11').run('npm', 'install', '--package-lock-only');
  expect(code).not.toBe(0);
  expect(output).toContain('ERESOLVE');
  expect(output).toMatch(/peer @nestjs\/(common|core|platform-express)@"\^12\.0\.0" from signalbox@/);
});
