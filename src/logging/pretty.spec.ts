import { pretty } from './pretty.js';

const time = new Date(2026, 0, 2, 3, 4, 5, 6).getTime();

function shown(line: object, hasColours = false): string {
  return pretty(JSON.stringify({ time, ...line }), hasColours);
}

describe('pretty', () => {
  it('shows time, level and message, and each member in a line of its own', () => {
    expect(shown({ level: 30, port: 9000, urls: ['http://a', 'http://b'], node: 'one', msg: 'listening' })).toBe(
      "[03:04:05.006] INFO: listening\n    port: 9000\n    urls: [ 'http://a', 'http://b' ]\n    node: one\n",
    );
  });

  it('shows the stack and the members of an error', () => {
    const err = { type: 'Error', message: 'no', stack: 'Error: no\n    at here', code: 'E' };
    expect(shown({ level: 50, err, msg: 'failed' })).toBe(
      '[03:04:05.006] ERROR: failed\n    code: E\n    Error: no\n        at here\n',
    );
  });

  it('shows lines without a message, and indents long texts', () => {
    expect(shown({ level: 10, text: 'a\nb' })).toBe('[03:04:05.006] TRACE: \n    text: a\n    b\n');
  });

  it('colours the level if the terminal can show it', () => {
    expect(shown({ level: 30, msg: 'a' }, true)).toBe('[03:04:05.006] \x1b[32mINFO\x1b[39m: a\n');
    expect(shown({ level: 40, msg: 'a' }, true)).toContain('\x1b[33mWARN\x1b[39m');
    expect(shown({ level: 60, msg: 'a' }, true)).toContain('\x1b[31mFATAL\x1b[39m');
    expect(shown({ level: 20, msg: 'a' }, true)).toBe('[03:04:05.006] DEBUG: a\n');
  });
});
