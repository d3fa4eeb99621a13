import { readClaims } from './claims.js';

const INVALID = expect.objectContaining({ code: 'UNAUTHENTICATED', data: { reason: 'claims' } }) as Error;

describe('readClaims', () => {
  it('reads every member', () => {
    const signalbox = {
      realm: 'acme',
      id: 'alice-1',
      idPrefix: 'alice-',
      name: 'Alice',
      groups: ['staff'],
      rooms: { join: ['team-*'], create: [] },
      signal: 'rooms',
      attributes: { plan: 'pro' },
    };
    const { realm, ...members } = signalbox;
    expect(readClaims({ sub: 'alice', signalbox }, 'signalbox', 5000)).toEqual({
      realm,
      identity: { sub: 'alice', expiresAt: 5000, ...members },
    });
  });

  it('restricts nothing without members, and ignores claims that it does not know', () => {
    expect(readClaims({}, 'signalbox')).toEqual({ realm: undefined, identity: {} });
    expect(readClaims({ email: 'a@b.example', signalbox: { other: 1 } }, 'signalbox').identity).toEqual({});
  });

  it('reads the members from the claim with the given name', () => {
    expect(readClaims({ 'https://a.example/sb': { id: 'x' } }, 'https://a.example/sb').identity).toEqual({ id: 'x' });
  });

  it('bounds the time of expiry, so that it is a valid date', () => {
    const { expiresAt = 0 } = readClaims({}, 'signalbox', 1e300).identity;
    expect(new Date(expiresAt).toISOString()).toMatch(/^\+275760/);
  });

  it.each<[string, Record<string, unknown>]>([
    ['a number as sub', { sub: 5 }],
    ['an empty sub', { sub: '' }],
    ['a long sub', { sub: 'x'.repeat(256) }],
    ['text as the claim', { signalbox: 'id' }],
    ['a list as the claim', { signalbox: [] }],
    ['null as id', { signalbox: { id: null } }],
    ['a number as realm', { signalbox: { realm: 1 } }],
    ['text as groups', { signalbox: { groups: 'staff' } }],
    ['too many groups', { signalbox: { groups: Array(101).fill('g') } }],
    ['null as rooms', { signalbox: { rooms: null } }],
    ['null as rooms.join', { signalbox: { rooms: { join: null } } }],
    ['text as rooms.join', { signalbox: { rooms: { join: 'team' } } }],
    ['numbers in rooms.create', { signalbox: { rooms: { create: [1] } } }],
    ['too many rooms', { signalbox: { rooms: { join: Array(1001).fill('r') } } }],
    ['an unknown signal', { signalbox: { signal: 'all' } }],
    ['a list as attributes', { signalbox: { attributes: [] } }],
    ['attributes of more than 4 KiB', { signalbox: { attributes: { a: 'é'.repeat(2045) } } }],
  ])('refuses %s', (_, payload) => {
    expect(() => readClaims(payload, 'signalbox')).toThrow(INVALID);
  });

  it('accepts attributes of 4 KiB', () => {
    const attributes = { a: 'x'.repeat(4096 - '{"a":""}'.length) };
    expect(readClaims({ signalbox: { attributes } }, 'signalbox').identity).toEqual({ attributes });
  });
});
