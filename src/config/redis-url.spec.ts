import { parseRedisUrl } from './redis-url.js';

const address = { kind: 'single', tls: false, db: 0, username: undefined, password: undefined, group: undefined };

describe('parseRedisUrl', () => {
  it.each([
    ['redis://cache', { ...address, hosts: [{ host: 'cache', port: 6379 }] }],
    ['valkey://cache:7000/3', { ...address, hosts: [{ host: 'cache', port: 7000 }], db: 3 }],
    ['rediss://[::1]:7000', { ...address, tls: true, hosts: [{ host: '::1', port: 7000 }] }],
    ['redis://:p%40ss@h', { ...address, password: 'p@ss', hosts: [{ host: 'h', port: 6379 }] }],
    ['redis://u:p%zz@h', { ...address, username: 'u', password: 'p%zz', hosts: [{ host: 'h', port: 6379 }] }],
    [
      'rediss-cluster://u:p@a:1,b',
      {
        ...address,
        kind: 'cluster',
        tls: true,
        username: 'u',
        password: 'p',
        hosts: [
          { host: 'a', port: 1 },
          { host: 'b', port: 6379 },
        ],
      },
    ],
    [
      'redis-sentinel://a,b:2/main/1',
      {
        ...address,
        kind: 'sentinel',
        group: 'main',
        db: 1,
        hosts: [
          { host: 'a', port: 26_379 },
          { host: 'b', port: 2 },
        ],
      },
    ],
  ])('reads %s', (url, expected) => expect(parseRedisUrl(url)).toEqual(expected));

  it.each([
    '',
    'cache:6379',
    'http://cache',
    'redis://',
    'redis://a,b',
    'redis://a:0',
    'redis://a:99999',
    'redis://a/x',
    'redis://a/1/2',
    'redis-cluster://a/1',
    'redis-sentinel://a',
  ])('does not read "%s"', (url) => expect(parseRedisUrl(url)).toBeUndefined());
});
