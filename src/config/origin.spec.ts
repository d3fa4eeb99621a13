import { entriesFor, parseCorsEntry, parseOrigin, suggestCorsEntry } from './origin.js';

describe('parseOrigin', () => {
  it.each([
    ['https://a.example', 'https://a.example'],
    ['HTTPS://A.Example', 'https://a.example'],
    ['https://a.example/', 'https://a.example'],
    ['https://a.example:443', 'https://a.example'],
    ['http://a.example:80', 'http://a.example'],
    ['http://a.example:443', 'http://a.example:443'],
    ['https://a.example:8443', 'https://a.example:8443'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['https://xn--bcher-kva.example', 'https://xn--bcher-kva.example'],
    ['https://[2001:DB8::1]:443', 'https://[2001:db8::1]'],
    ['http://127.0.0.1:9000', 'http://127.0.0.1:9000'],
    ['http://my_host', 'http://my_host'],
    ['capacitor://LocalHost', 'capacitor://localhost'],
    ['chrome-extension://abcdef', 'chrome-extension://abcdef'],
    ['file://', 'file://'],
  ])('spells %s as %s', (text, origin) => {
    expect(parseOrigin(text)).toBe(origin);
  });

  it.each([
    '',
    'null',
    'a.example',
    'a.example:8080',
    '//a.example',
    'https:a.example',
    'https://',
    'https://a.example/app',
    'https://a.example?b',
    'https://a.example#b',
    'https://user@a.example',
    'https://a.example:port',
    'https://a.example, https://b.example',
    'https://*.example',
    'https://.example.com',
    'https://a..example.com',
    'data:text/plain',
    `https://${'a.'.repeat(200)}example`,
  ])('rejects %j', (text) => {
    expect(parseOrigin(text)).toBeUndefined();
  });
});

describe('parseCorsEntry', () => {
  it.each([
    ['*', '*'],
    ['null', 'null'],
    ['NULL', 'null'],
    ['https://A.example:443/', 'https://a.example'],
    ['https://*.Example.com', 'https://*.example.com'],
    ['https://*.bücher.example:443', 'https://*.xn--bcher-kva.example'],
    ['http://*.localhost:3000', 'http://*.localhost:3000'],
  ])('spells %s as %s', (text, entry) => {
    expect(parseCorsEntry(text)).toBe(entry);
  });

  it.each([
    ['a.example', 'https://a.example'],
    ['*.example.com', 'https://*.example.com'],
    ['localhost:3000', 'https://localhost:3000'],
    ['https://a.example/app/', 'https://a.example'],
    ['http://a.example?x', 'http://a.example'],
    ['https://user:secret@a.example', 'https://a.example'],
    ['wss://a.example', 'https://a.example'],
    ['ws://A.example:80/', 'http://a.example'],
    ['//a.example', undefined],
    ['https://*', undefined],
    ['https://*.', undefined],
    ['https://a.*.example', undefined],
    ['https://*a.example', undefined],
    ['https://*.*.example', undefined],
    ['http*://a.example', undefined],
    ['https://a.example,https://b.example', undefined],
    ['/.*/', undefined],
  ])('refuses %s; %s is meant', (text, suggestion) => {
    expect(parseCorsEntry(text)).toBeUndefined();
    expect(suggestCorsEntry(text)).toBe(suggestion);
  });
});

it('finds the entries that match an origin', () => {
  expect(entriesFor('https://a.b.example:8443')).toEqual([
    'https://a.b.example:8443',
    'https://*.b.example:8443',
    'https://*.example:8443',
  ]);
  expect(entriesFor('http://localhost')).toEqual(['http://localhost']);
});
