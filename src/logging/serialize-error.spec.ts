import { serializeError } from './serialize-error.js';

describe('serializeError', () => {
  it('keeps type, message, stack and members', () => {
    const error = Object.assign(new TypeError('no port'), { code: 'E', port: 0 });
    const { stack, ...rest } = serializeError(error);
    expect(rest).toEqual({ type: 'TypeError', message: 'no port', code: 'E', port: 0 });
    expect(stack).toContain('serialize-error.spec');
  });

  it('drops the arguments of a Redis command', () => {
    const error = Object.assign(new Error('WRONGPASS'), { command: { name: 'auth', args: ['s3cret'] } });
    expect(JSON.stringify(serializeError(error))).not.toContain('s3cret');
  });

  it('appends the causes to message and stack', () => {
    const { message, stack, cause } = serializeError(
      new Error('no server', { cause: new RangeError('no port', { cause: 'not an error' }) }),
    );
    expect(message).toBe('no server: no port');
    expect(stack).toMatch(/^Error: no server\n[^]*\ncaused by: RangeError: no port\n/);
    expect(cause).toBeUndefined();
  });

  it('serialises the errors in an error', () => {
    const error = Object.assign(new AggregateError([new Error('one'), 'two'], 'both'), { first: new Error('one') });
    expect(serializeError(error)).toMatchObject({
      type: 'AggregateError',
      errors: [{ type: 'Error', message: 'one' }, 'two'],
      first: { message: 'one' },
    });
  });

  it('ends with errors that refer to each other', () => {
    const one = new Error('one');
    const two = Object.assign(new Error('two', { cause: one }), { other: one });
    Object.assign(one, { cause: two, other: two });
    expect(serializeError(one)).toMatchObject({ message: 'one: two', other: { message: 'two: one' } });
  });
});
