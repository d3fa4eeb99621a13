import type { IncomingMessage } from 'node:http';
import { AllowedOrigins } from './allowed-origins.js';

type Asking = Readonly<Record<string, string | undefined>>;

const request = (headers: Asking, encrypted = false): IncomingMessage =>
  ({ headers, socket: { remoteAddress: '::ffff:10.0.0.1', encrypted } }) as unknown as IncomingMessage;

interface Setting {
  readonly proxied?: boolean | string;
  readonly tls?: boolean;
}

const allows = (cors: readonly string[], headers: Asking, { proxied = false, tls = false }: Setting = {}) =>
  new AllowedOrigins({ cors, proxied }).allows(request(headers, tls));

describe('AllowedOrigins', () => {
  it.each([
    [[], 'https://a.example'],
    [[], 'null'],
    [[], 'nonsense'],
    [['*'], 'https://a.example'],
    [['https://b.example', '*'], 'null'],
    [['https://a.example'], undefined],
    [['https://A.example:443/'], 'https://a.example'],
    [['https://bücher.example'], 'https://xn--bcher-kva.example'],
    [['https://*.example.com'], 'https://a.example.com'],
    [['https://*.example.com'], 'https://a.b.example.com'],
    [['https://*.example.com:8443'], 'https://a.example.com:8443'],
    [['null'], 'null'],
    [['capacitor://localhost'], 'capacitor://localhost'],
  ])('with the list %j, admits %s', (cors, origin) => {
    expect(allows(cors, { origin, host: 'signal.example' })).toBe(true);
  });

  it.each([
    [['https://a.example'], 'null'],
    [['https://a.example'], ''],
    [['https://a.example'], 'http://a.example'],
    [['https://a.example'], 'https://a.example:8443'],
    [['https://a.example'], 'https://a.example.evil'],
    [['https://a.example'], 'https://a.example, https://b.example'],
    [['https://*.example.com'], 'https://example.com'],
    [['https://*.example.com'], 'https://evil-example.com'],
    [['https://*.example.com'], 'https://a.example.com.evil'],
    [['https://*.example.com'], 'https://.example.com'],
    [['https://*.example.com'], 'https://*.example.com'],
    [['https://*.example.com'], 'http://a.example.com'],
    [['https://*.example.com'], 'https://a.example.com:8443'],
    [['null'], 'file://'],
  ])('with the list %j, refuses %s', (cors, origin) => {
    expect(allows(cors, { origin, host: 'signal.example' })).toBe(false);
  });

  const LIST = ['https://a.example'];

  it.each([
    ['http://signal.example', { host: 'signal.example' }],
    ['https://signal.example', { host: 'signal.example' }],
    ['https://signal.example', { host: 'signal.example:443' }],
    ['http://signal.example', { host: 'Signal.EXAMPLE:80' }],
    ['http://signal.example:9000', { host: 'signal.example:9000' }],
    ['http://[2001:db8::1]:9000', { host: '[2001:DB8:0::1]:9000' }],
    ['https://xn--bcher-kva.example', { host: 'xn--bcher-kva.example' }],
  ])('admits its own pages: %s with %j', (origin, headers) => {
    expect(allows(LIST, { origin, ...headers })).toBe(true);
  });

  it.each([
    ['http://signal.example:81', { host: 'signal.example:9000' }],
    // Another port is another origin, and another program may serve it.
    ['http://signal.example:8080', { host: 'signal.example' }],
    ['http://signal.example:443', { host: 'signal.example' }],
    ['https://signal.example', { host: 'signal.example:80' }],
    ['https://signal.example', {}],
    ['https://signal.example', { host: '' }],
    ['https://signal.example', { host: 'user@signal.example' }],
    ['https://signal.example', { host: 'signal.example/path' }],
    ['capacitor://localhost', { host: 'localhost' }],
    ['https://signal.example', { host: 'inner', 'x-forwarded-host': 'signal.example' }],
  ])('refuses foreign pages: %s with %j', (origin, headers) => {
    expect(allows(LIST, { origin, ...headers })).toBe(false);
  });

  it('does not treat an http page as its own over TLS', () => {
    const headers = { origin: 'http://signal.example', host: 'signal.example' };
    expect(allows(LIST, headers, { tls: true })).toBe(false);
    expect(allows(LIST, { ...headers, origin: 'https://signal.example' }, { tls: true })).toBe(true);
    for (const scheme of ['https', 'wss', 'HTTPS, http']) {
      const forwarded = { ...headers, 'x-forwarded-proto': scheme };
      expect(allows(LIST, forwarded, { proxied: true })).toBe(false);
      expect(allows(LIST, forwarded)).toBe(true);
    }
    // A proxy before the proxy may have ended TLS.
    const inner = { ...headers, origin: 'https://signal.example', 'x-forwarded-proto': 'http' };
    expect(allows(LIST, inner, { proxied: true })).toBe(true);
  });

  it('uses the host that a trusted proxy forwards', () => {
    const headers = { origin: 'https://signal.example', host: 'node-1:9000' };
    const named = { ...headers, 'x-forwarded-host': 'Signal.example:443, inner' };
    expect(allows(LIST, headers, { proxied: true })).toBe(false);
    expect(allows(LIST, named, { proxied: true })).toBe(true);
    expect(allows(LIST, named, { proxied: '10.0.0.0/8' })).toBe(true);
    expect(allows(LIST, named, { proxied: '192.0.2.0/24' })).toBe(false);
    expect(allows(LIST, named)).toBe(false);
    // Proxies that keep the name in Host may give X-Forwarded-Host without the port.
    const kept = {
      origin: 'http://signal.example:8080',
      host: 'signal.example:8080',
      'x-forwarded-host': 'signal.example',
    };
    expect(allows(LIST, kept, { proxied: true })).toBe(true);
  });
});
