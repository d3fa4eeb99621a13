import type { IncomingMessage } from 'node:http';
import { bearerOf } from './bearer.js';

const of = (headers: Record<string, string>, url = '/'): string | undefined =>
  bearerOf({ headers, url } as unknown as IncomingMessage);
const protocol = (offered: string): Record<string, string> => ({ 'sec-websocket-protocol': offered });

describe('bearerOf', () => {
  it.each<[string, Record<string, string>, string, string | undefined]>([
    ['the header', { authorization: 'Bearer a.b.c' }, '/', 'a.b.c'],
    ['the header with a scheme in lower case', { authorization: 'bearer  abc ' }, '/', 'abc'],
    ['the subprotocol', protocol('signalbox, bearer.a.b'), '/', 'a.b'],
    ['the subprotocol in front of signalbox', protocol('bearer.a.b,signalbox'), '/', 'a.b'],
    ['the query', {}, '/x?id=1&access_token=a%2Bb', 'a+b'],
    ['no subprotocol without signalbox beside it', protocol('bearer.a.b'), '/', undefined],
    ['no empty subprotocol', protocol('signalbox, bearer.'), '/', undefined],
    ['no empty query', {}, '/?access_token=', undefined],
    ['no other scheme', { authorization: 'Basic abc' }, '/', undefined],
    ['no scheme without a token', { authorization: 'Bearer' }, '/', undefined],
    ['nothing where there is nothing', {}, '/', undefined],
  ])('reads %s', (_, headers, url, token) => {
    expect(of(headers, url)).toBe(token);
  });

  it('prefers the header to the subprotocol, and that to the query', () => {
    const url = '/?access_token=query';
    expect(of({ authorization: 'Bearer header', ...protocol('signalbox, bearer.sub') }, url)).toBe('header');
    expect(of(protocol('signalbox, bearer.sub'), url)).toBe('sub');
  });
});
