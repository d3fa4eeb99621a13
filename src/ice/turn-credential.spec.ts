import { turnCredential } from './turn-credential.js';

const NOW_MS = 1_800_000_000_999;

it('signs the expiry and the user as coturn checks them', () => {
  // echo -n 1800003600:alice | openssl dgst -sha1 -hmac north -binary | base64
  expect(turnCredential('north', 'alice', 3600, NOW_MS)).toEqual({
    username: '1800003600:alice',
    credential: 'qe6uQh2FdtYywRuncfIrYF8O4Rk=',
  });
});

it.each(['alice', 'auth0|507f', 'ä€😀', 'a@b.example', 'x'.repeat(256)])('keeps the user %s', (user) => {
  expect(turnCredential('s', user, 60, NOW_MS).username).toBe(`1800000060:${user}`);
});

it.each(['a b', 'a\nb', '\u0000', '\ud800', 'a\u200bb', 'x'.repeat(257), 'ä'.repeat(129)])(
  'writes a digest for the user %j',
  (user) => {
    expect(turnCredential('s', user, 60, NOW_MS).username).toMatch(/^1800000060:[\w-]{43}$/);
  },
);
