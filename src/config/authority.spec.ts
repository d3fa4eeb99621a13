import { parseAuthority } from './authority.js';
import { Config } from './config.js';
import { configOf } from './load-config.js';

describe('parseAuthority', () => {
  it.each([
    ['signal.example', { host: 'signal.example', port: '' }],
    ['Signal.Example.:80', { host: 'signal.example', port: '80' }],
    ['b\u00fccher.example:8443', { host: 'xn--bcher-kva.example', port: '8443' }],
    ['[::0001]:9000', { host: '[::1]', port: '9000' }],
    ['127.1', { host: '127.0.0.1', port: '' }],
  ])('reads %j', (text, authority) => {
    expect(parseAuthority(text)).toEqual(authority);
  });

  it.each(['', ':80', 'a b', 'a/b', 'a/', 'http://a', 'a?b', 'u@a', '::1', 'a:99999', '*.a'])('rejects %j', (text) => {
    expect(parseAuthority(text)).toBeUndefined();
  });
});

describe('the option hosts', () => {
  it.each(['*.example.com', 'https://a.example', 'a b', ''])('rejects %j, which is not a host', (host) => {
    expect(() => configOf(Config, { hosts: ['signal.example', host] })).toThrow(
      /^hosts \(.*\) must be a list of up to 100 hosts/,
    );
  });
});
