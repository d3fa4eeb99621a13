import * as crypto from 'node:crypto';
import { jest } from '@jest/globals';
import { Config } from '../config/config.js';
import { LiveConfig } from '../config/live-config.js';
import { AdminOptions } from '../config/sections/admin.options.js';
import { ServerOptions } from '../config/sections/server.options.js';

/** Sizes of the digests that were compared, in bytes. */
const compared: number[][] = [];

jest.unstable_mockModule('node:crypto', () => ({
  ...crypto,
  timingSafeEqual: (one: Buffer, other: Buffer): boolean => {
    compared.push([one.length, other.length]);
    return crypto.timingSafeEqual(one, other);
  },
}));
const { AdminAccess } = await import('./admin-access.js');

const FIRST = 'a-token-of-the-first-admin';
const LAST = 'a-token-of-the-last-admin';
const TOKENS = [`ann:read:${FIRST}`, `bob:read:sha256:${'0'.repeat(64)}`, `carl:operate:${LAST}`];

/** Size of SHA-256. */
const BYTES = 32;

describe('the time to check an admin token', () => {
  const access = new AdminAccess(
    Object.assign(new AdminOptions(), { adminTokens: TOKENS }),
    Object.assign(new ServerOptions(), { host: '0.0.0.0' }),
    new LiveConfig(new Config()),
  );

  beforeEach(() => {
    compared.length = 0;
  });

  // The digests of all tokens are compared as a whole, so neither the equal part nor the place of a token shows.
  it.each([
    ['the first token', FIRST, 'ann'],
    ['the last token', LAST, 'carl'],
    ['a token that begins like another one', FIRST.slice(0, -1), undefined],
    ['a token that goes on like another one', `${FIRST}x`, undefined],
    ['a short token', 'x', undefined],
    ['a long token', 'x'.repeat(10_000), undefined],
    ['a hash in place of its token', '0'.repeat(64), undefined],
  ])('does not depend on the token: %s', (_, token, name) => {
    const admin = access.admit(`Bearer ${token}`, '203.0.113.9');
    expect(typeof admin === 'object' ? admin.name : undefined).toBe(name);
    expect(compared).toEqual(TOKENS.map(() => [BYTES, BYTES]));
  });
});
