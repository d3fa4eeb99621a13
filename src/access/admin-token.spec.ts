import { known, sha256 } from './admin-token.js';

const HASH = sha256('a token').toString('hex');

describe('known', () => {
  it.each([
    ['olga:operate:sixteen-letters-x', 'sixteen-letters-x', undefined],
    ['olga:operate:sixteen-letters-x:acme', 'sixteen-letters-x', ['acme']],
    ['olga:operate:sixteen-letters-x:acme,beta', 'sixteen-letters-x', ['acme', 'beta']],
    [`olga:operate:sha256:${HASH}`, 'a token', undefined],
    [`olga:operate:SHA256:${HASH.toUpperCase()}:acme`, 'a token', ['acme']],
    // Too short before the last colon to be a token of its own.
    ['olga:operate:a:token:with:colons', 'a:token:with:colons', undefined],
    ['olga:operate:a:token:with:colons:acme', 'a:token:with:colons', ['acme']],
  ])('reads the token and the realms of %s', (text, token, realms) => {
    const admin = known(text);
    expect(admin).toMatchObject({ name: 'olga', role: 'operate', digest: sha256(token) });
    expect(admin.realms && [...admin.realms]).toEqual(realms);
  });
});
