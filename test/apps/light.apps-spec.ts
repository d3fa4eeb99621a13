import { PackedApp } from '../support/packed-app.js';
import { PeerJsSocket } from '../support/peerjs-socket.js';

/** Packages of features that an application need not use, and that it may leave out. */
const OPTIONAL = [
  '@nestjs/swagger',
  '@nestjs/terminus',
  '@types/express',
  'bufferutil',
  'engine.io',
  'ioredis',
  'open-easyrtc',
  'prom-client',
  'socket.io',
  'socket.io-parser',
];
/** `bufferutil` serves all clients, where it is installed. The last ones would only delay the start. */
const NOT_LOADED = [
  ...OPTIONAL.filter((name) => name !== 'bufferutil'),
  'jose',
  'yaml',
  'libphonenumber-js',
  'validator',
];
const MAX_PACKAGES = 120;

async function loadedBy(app: PackedApp, entry: string): Promise<string[]> {
  return JSON.parse(await app.succeed('node', 'loaded.js', entry)) as string[];
}

describe('an application with PeerJS alone', () => {
  let app: PackedApp;
  let installed: string[];

  beforeAll(async () => {
    app = await PackedApp.installAnew('test/apps/light', '--omit=optional');
    const { packages } = JSON.parse(app.read('node_modules/.package-lock.json')) as { packages: object };
    installed = Object.keys(packages).map((path) =>
      path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
    );
  });

  it(`installs at most ${MAX_PACKAGES} packages, none of them for features that it does not use`, () => {
    expect(installed).toContain('signalbox');
    expect(installed.filter((name) => OPTIONAL.includes(name))).toEqual([]);
    expect(installed.length).toBeLessThanOrEqual(MAX_PACKAGES);
  });

  it('runs without the optional packages', async () => {
    const { wsUrl, url, output } = await app.start();
    await PeerJsSocket.open(wsUrl, 'bob');
    expect(await (await fetch(`${url}/peerjs/id`)).text()).toMatch(/^[\w-]+$/);
    expect(output()).not.toMatch(/warn|error/i);
  });

  it('learns from errors what needs the optional packages, and how to do without', async () => {
    const errors = JSON.parse(await app.succeed('node', 'missing.js')) as string[];
    expect(errors).toEqual([
      expect.stringMatching(/^EasyRTC needs the optional package .*, or set protocols: \{ easyrtc: false \}$/),
      expect.stringMatching(/^The option redis needs the optional package ioredis, which is not installed: run npm /),
      expect.stringMatching(/^The stand-alone server needs the optional package @nestjs\/(swagger|terminus), /),
      expect.stringMatching(/^The stand-alone server needs the optional package @nestjs\/(swagger|terminus), /),
    ]);
  });
});

describe('an application with all packages', () => {
  let app: PackedApp;

  beforeAll(async () => {
    app = await PackedApp.install('test/apps/light');
  });

  it('loads none with `signalbox` that it does not need', async () => {
    const loaded = await loadedBy(app, 'signalbox');
    expect(loaded).toEqual(expect.arrayContaining(['signalbox', '@nestjs/core', 'ws']));
    expect(loaded.filter((name) => NOT_LOADED.includes(name))).toEqual([]);
  });

  it.each([
    ['signalbox/admin', '@nestjs/swagger'],
    ['signalbox/monitoring', 'prom-client'],
  ])('loads with %s what that needs: %s', async (entry, name) => {
    expect(await loadedBy(app, entry)).toContain(name);
  });
});
