import { checkedOwner, ownerToken, uncheckedOwner } from './owner-token.js';

describe('the owner token', () => {
  it('names the user, or the given id, before a token', () => {
    expect(ownerToken({ sub: 'ann', id: 'a' }, 'own')).toBe('sub:ann');
    expect(ownerToken({ id: 'a' }, 'own')).toBe('id:a');
    expect(ownerToken({}, 'own')).toBe('own');
    expect(ownerToken({}, undefined)).toBeUndefined();
  });

  it.each(['sub:ann', 'id:a', 'hash:x', 'raw:sub:ann'])('cannot be forged with the token %j', (token) => {
    expect(uncheckedOwner(token)).toBe(`raw:${token}`);
  });

  it.each(['', 'subject', 'a sub:ann', 'SUB:ann'])('is the token %j itself, which nobody has checked', (token) => {
    expect(uncheckedOwner(token)).toBe(token);
  });

  it('does not contain a bearer token', () => {
    expect(checkedOwner('secret')).toMatch(/^hash:[\w-]{43}$/);
    expect(checkedOwner('secret')).toBe(checkedOwner('secret'));
    expect(checkedOwner('secret')).not.toBe(checkedOwner('secret2'));
  });
});
