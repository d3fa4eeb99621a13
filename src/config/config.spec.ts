import { validateSync } from 'class-validator';
import { Config } from './config.js';
import { loadConfig } from './load-config.js';
import { optionsOf } from './option.js';

function withOption(name: string, value: unknown): Config {
  return Object.assign(new Config(), { [name]: value });
}

function failing(config: Config): string[] {
  return validateSync(config).map(({ property }) => property);
}

describe('Config', () => {
  it('has these defaults', () => {
    expect({ ...new Config() }).toEqual({
      host: '::',
      port: 9000,
      nodeName: '',
      connectorPath: '/',
      connectorRealm: 'default',
      maxFrameBytes: 1_048_576,
      maxFragments: 64,
      maxConnections: 20_000,
      maxConnectionsPerIp: 256,
      upgradeTimeoutMs: 10_000,
      stallTimeoutMs: 10_000,
      maxRooms: 100_000,
      maxRoomsCreatedPerClient: 100,
      maxRoomsJoinedPerClient: 100,
      maxRoomMembers: 1000,
      path: '/',
      key: 'peerjs',
      keyFile: '',
      keys: new Map(),
      keysFile: '',
      allowDiscovery: false,
      concurrentLimit: 5000,
      easyrtcApplications: new Map(),
      easyrtcAutoCreateRooms: true,
      easyrtcRoomList: 'all',
      easyrtcMaxRoomMembers: 100,
      loginTimeoutMs: 10_000,
      iceServers: [{ urls: ['stun:stun.l.google.com:19302'] }],
      auth: { mode: 'none' },
      ice: {},
      rooms: { create: 'anyone' },
      realms: {},
      proxied: false,
      cors: [],
      hosts: [],
      basePath: '',
      socketIoPath: '/socket.io',
      easyrtcPath: '/easyrtc',
      sslkey: '',
      sslcert: '',
      keepAliveTimeoutMs: 75_000,
      maxIdLength: 128,
      maxNameLength: 256,
      framesPerSecond: 200,
      frameBurst: 1000,
      maxBufferedBytes: 1_048_576,
      maxHeldBytes: 268_435_456,
      maxSharePerSender: 50,
      pingIntervalMs: 25_000,
      deadAfterMs: 60_000,
      ownerTimeoutMs: 2000,
      maxSharePerAddress: 10,
      queueTtlMs: 5000,
      queueSweepMs: 1000,
      maxQueuedPerTarget: 100,
      maxQueuedBytesPerTarget: 524_288,
      maxQueuedPerSender: 100,
      maxQueuedBytesPerSender: 524_288,
      maxQueued: 100_000,
      maxQueuedBytes: 67_108_864,
      redis: '',
      redisFile: '',
      redisCaFile: '',
      redisCertFile: '',
      redisKeyFile: '',
      redisTlsServerName: '',
      redisPrefix: 'signalbox',
      redisTimeoutMs: 1000,
      nodeTimeoutMs: 2200,
      serveWithoutRedis: false,
      shutdownTimeoutMs: 30_000,
      adminTokens: [],
      adminPort: 0,
      adminHost: '',
      adminTokensFile: '',
      metricsPort: 0,
      maxRssBytes: 4 * 2 ** 30,
      maxEventLoopDelayMs: 1000,
      demo: true,
      docs: true,
      console: true,
      logLevel: 'info',
      logFormat: 'auto',
      auditFile: '',
      webhooks: [],
      webhookAllowPrivate: true,
    });
  });

  it('accepts its own defaults', () => {
    expect(failing(new Config())).toEqual([]);
  });

  it('declares each field as an option', () => {
    expect(optionsOf(Config).map(({ name }) => name)).toEqual(Object.keys(new Config()));
  });

  it('gives each flag and environment variable to one option only', () => {
    const names = optionsOf(Config).flatMap(({ flag, aliases, env, envAliases }) => [
      flag,
      ...aliases,
      env,
      ...envAliases,
    ]);
    expect(names).toEqual([...new Set(names)]);
  });

  it.each([
    ['port', 0, 65_535],
    ['maxFrameBytes', 1024, 268_435_456],
    ['maxConnectionsPerIp', 0, 10_000_000],
    ['maxQueued', 0, 100_000_000],
    ['shutdownTimeoutMs', 0, 86_400_000],
  ])('accepts %s from %i to %i', (name, min, max) => {
    expect(failing(withOption(name, min))).toEqual([]);
    expect(failing(withOption(name, max))).toEqual([]);
    for (const value of [min - 1, max + 1, min + 0.5, String(min), NaN, null, true, [min]]) {
      expect(failing(withOption(name, value))).toEqual([name]);
    }
  });

  it.each([
    ['host', '0.0.0.0', ''],
    ['host', 'signal.example', 'two words'],
    ['nodeName', 'eu-1.a_b', 'eu 1'],
    ['nodeName', '', 'a'.repeat(129)],
    ['connectorPath', '/ws/', 'ws'],
    ['connectorPath', '/', '/?x'],
    ['connectorRealm', 'a', ''],
    ['logLevel', 'silent', 'INFO'],
    ['basePath', '', '/a b'],
    ['basePath', '/', '/..'],
    ['basePath', 'myapp/', '/a/../b'],
    ['basePath', '/a/b.c~d-e_f', '/a?b'],
    ['socketIoPath', '/chat/socket.io/', '/'],
    ['easyrtcPath', 'lib', ''],
    ['port', '/run/signalbox.sock', '/run/'],
    ['port', './signalbox.sock', 'signalbox.sock'],
    ['port', '/a\nb', '/a\0b'],
    ['port', `/${'x'.repeat(102)}`, `/${'€'.repeat(102)}`],
    ['port', '\\\\.\\pipe\\signalbox', '\\\\.\\pipe\\'],
    ['port', '\\\\?\\pipe\\6f1c-4b', '\\\\.\\other\\signalbox'],
    ['logFormat', 'json', 'xml'],
  ])('accepts as %s %p but not %p', (name, good, bad) => {
    expect(failing(withOption(name, good))).toEqual([]);
    expect(failing(withOption(name, bad))).toEqual([name]);
  });

  it.each([
    ['proxied', [true, false, 0, 2, 'loopback, 10.0.0.0/8'], [-1, 1.5, 'nonsense', '10.0.0.0/99', null]],
    ['keys', [new Map(), new Map([['acme', 'a']])], [{ acme: 'a' }, new Map([['', 'a']]), new Map([['a', undefined]])]],
    ['cors', [[], ['https://a.example'], ['*', 'null']], ['https://a.example', [''], ['a.example'], [5]]],
    ['sslkey', ['', import.meta.filename], [`${import.meta.filename}.missing`, import.meta.dirname, 5]],
  ])('accepts as %s %p but not %p', (name, good: unknown[], bad: unknown[]) => {
    const withValue = (value: unknown): Config =>
      Object.assign(withOption(name, value), name === 'sslkey' ? { sslcert: value } : {});
    for (const value of good) expect(failing(withValue(value))).toEqual([]);
    for (const value of bad) expect(failing(withValue(value))).toContain(name);
  });

  it('accepts ICE servers with url or urls, and rejects those with neither or both', () => {
    const stun = { url: 'stun:s.example' };
    const turn = { url: 'turn:t.example:3478?transport=udp', username: 'u', credential: 'c' };
    const read = (servers: unknown): unknown =>
      loadConfig(Config, { argv: ['--ice-servers', JSON.stringify(servers)], env: {}, readFile: () => '' }).config
        .iceServers;
    expect(read([stun, turn, { urls: ['stun:a', 'stun:b'] }])).toEqual([
      { urls: 'stun:s.example' },
      { urls: 'turn:t.example:3478?transport=udp', username: 'u', credential: 'c' },
      { urls: ['stun:a', 'stun:b'] },
    ]);
    const yaml = 'iceServers:\n  - url: stun:s.example\n';
    const fromFile = loadConfig(Config, { argv: ['--config', 'a.yaml'], env: {}, readFile: () => yaml });
    expect(fromFile.config.iceServers).toEqual([{ urls: 'stun:s.example' }]);
    for (const bad of [{ url: 'http://s' }, { url: '' }, { url: 5 }, {}, { ...stun, urls: 'stun:s' }]) {
      expect(() => read([bad])).toThrow('iceServers');
    }
  });

  it('reads keys and trusted proxies from text', () => {
    const { config } = loadConfig(Config, {
      argv: ['--keys', 'peerjs=default, acme=a=b', '--proxied', '2'],
      env: {},
      readFile: () => '',
    });
    expect(config.keys).toEqual(
      new Map([
        ['peerjs', 'default'],
        ['acme', 'a=b'],
      ]),
    );
    expect(config.proxied).toBe(2);
    expect(loadConfig(Config, { argv: ['--proxied'], env: {}, readFile: () => '' }).config.proxied).toBe(true);
  });

  it.each([
    ['a.example', '; write https://a.example instead of a.example'],
    ['https://a.example/app', '; write https://a.example instead of https://a.example/app'],
    ['nonsense with spaces', ''],
  ])('suggests a correction of the origin %s', (entry, advice) => {
    const sources = { argv: ['--cors', 'https://b.example', '--cors', entry], env: {}, readFile: () => '' };
    expect(() => loadConfig(Config, sources)).toThrow(
      `cors (flag --cors) must be origins such as https://example.com or https://*.example.com${advice}, ` +
        `got [ 'https://b.example', '${entry}' ]`,
    );
  });
});
