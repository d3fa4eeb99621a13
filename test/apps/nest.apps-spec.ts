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
