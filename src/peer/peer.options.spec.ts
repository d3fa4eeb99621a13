import { readOptions } from './peer.options.js';
import type { PeerServerOptions } from './peer.types.js';

describe('readOptions', () => {
  it('has the defaults of npm peer', () => {
    const { host, port, path, ssl, corsOptions, config } = readOptions({});
    expect({ host, port, path, ssl, corsOptions }).toEqual({
      host: '::',
      port: 9000,
      path: '/',
      ssl: undefined,
      corsOptions: { origin: true },
    });
    expect(config).toMatchObject({
      key: 'peerjs',
      queueTtlMs: 5000,
      deadAfterMs: 90_000,
      queueSweepMs: 1000,
      concurrentLimit: 5000,
      allowDiscovery: false,
      proxied: false,
    });
  });

  it.each<[PeerServerOptions, object]>([
    [{ expire_timeout: 1 }, { queueTtlMs: 1 }],
    [{ expire_timeout: 0 }, { queueTtlMs: 1 }],
    [{ expire_timeout: 1500.7 }, { queueTtlMs: 1500 }],
    [{ alive_timeout: Infinity }, { deadAfterMs: 86_400_000 }],
    [{ cleanup_out_msgs: '20' as never }, { queueSweepMs: 20 }],
    [{ concurrent_limit: 0 }, { concurrentLimit: 0 }],
    [{ concurrent_limit: Number.MAX_SAFE_INTEGER }, { concurrentLimit: 10_000_000 }],
    [{ allow_discovery: 1 as never }, { allowDiscovery: true }],
    [{ proxied: 'true' }, { proxied: true }],
    [{ proxied: 'false' }, { proxied: false }],
    [{ proxied: 'loopback, 10.0.0.0/8' }, { proxied: 'loopback, 10.0.0.0/8' }],
    [
      { key: undefined, path: undefined, proxied: undefined },
      { key: 'peerjs', path: '/', proxied: false },
    ],
    [
      { maxRooms: 7, logLevel: 'info' },
      { maxRooms: 7, logLevel: 'info' },
    ],
    [{ sslkey: '/none', basePath: '/base', debug: true } as PeerServerOptions, { sslkey: '', basePath: '' }],
  ])('reads %j', (options, config) => {
    expect(readOptions(options).config).toMatchObject(config);
  });

  it('names each fault as the program has written the option', () => {
    const options = { alive_timeout: 'soon', expire_timeout: {}, maxRooms: 0 } as unknown as PeerServerOptions;
    expect(() => readOptions(options)).toThrow(
      /maxRooms \(.*\) must be .*\nexpire_timeout \(.*\) must be .*\nalive_timeout \(.*\) must be /,
    );
  });
});
