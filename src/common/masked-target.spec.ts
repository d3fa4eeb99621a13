import { maskedTarget } from './masked-target.js';

describe('the target of a request in errors and log lines', () => {
  it.each([
    ['/a?access_token=x', '/a?access_token=***'],
    ['/a?b=1&access_token=x.y&c', '/a?b=1&access_token=***&c'],
    ['/a?access%5Ftoken=x', '/a?access_token=***'],
    ['/a?access_token=x&access_token=y', '/a?access_token=***&access_token=***'],
    ['/a?access_token=x?access_token=y', '/a?access_token=***'],
    ['/a?Token=x', '/a?Token=***'],
    ['/a?token=', '/a?token=***'],
  ])('of %s is %s', (target, masked) => expect(maskedTarget(target)).toBe(masked));

  it.each(['', '/', '/a', '/a?', '/a?b=%2f&&c==d', '/a?b=access_token', '/access_token=x', '/a?%'])(
    'of %j is the same',
    (target) => expect(maskedTarget(target)).toBe(target),
  );
});
