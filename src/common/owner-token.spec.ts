import { NOBODY } from './identity.js';
import { ownerToken } from './owner-token.js';

describe('the owner token', () => {
  it('names the user, or the given id, before a token', () => {
    expect(ownerToken({ sub: 'ann', id: 'a' }, 'own')).toBe('sub:ann');
    expect(ownerToken({ id: 'a' }, 'own')).toBe('id:a');
    expect(ownerToken(NOBODY, 'own')).toBe('own');
    expect(ownerToken({}, undefined)).toBeUndefined();
  });

  it.each(['sub:ann', 'id:a', 'hash:x', 'raw:sub:ann'])('cannot be forged with the token %j', (token) => {
    expect(ownerToken(NOBODY, token)).toBe(`raw:${token}`);
    expect(ownerToken({}, token)).toMatch(/^hash:/);
  });

  it.each(['', 'subject', 'a sub:ann', 'SUB:ann'])('is the token %j itself, which nobody has checked', (token) => {
    expect(ownerToken(NOBODY, token)).toBe(token);
  });

  it('does not contain a bearer token', () => {
    expect(ownerToken({}, 'secret')).toMatch(/^hash:[\w-]{43}$/);
    expect(ownerToken({}, 'secret')).toBe(ownerToken({}, 'secret'));
    expect(ownerToken({}, 'secret')).not.toBe(ownerToken({}, 'secret2'));
  });
});
