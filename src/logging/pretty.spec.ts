import { pretty } from './pretty.js';

const time = new Date(2026, 0, 2, 3, 4, 5, 6).getTime();

function shown(line: object, hasColours = false): string {
  return pretty(JSON.stringify({ time, ...line }), hasColours);
}

describe('pretty', () => {
  it('shows time, level, message and members in one line', () => {
    expect(shown({ level: 30, port: 9000, urls: ['http://a', 'http://b'], node: 'one', msg: 'listening' })).toBe(
      '[03:04:05.006] INFO: listening port=9000 urls=http://a,http://b node=one\n',
    );
  });

  it('leaves out members that the message names', () => {
    const members = { status: 429, address: '203.0.113.9', times: 312, seconds: 10 };
    expect(shown({ level: 30, ...members, msg: 'refused 429, 312 times from 203.0.113.9 in 10 s' })).toBe(
      '[03:04:05.006] INFO: refused 429, 312 times from 203.0.113.9 in 10 s\n',
    );
  });

  it('shows class, message and members of an error in the line, and its stack behind it', () => {
    const err = { type: 'Error', message: 'no way', stack: 'Error: no way\n    at here\n    at there', code: 'E' };
    expect(shown({ level: 50, err, msg: 'failed' })).toBe(
      '[03:04:05.006] ERROR: failed err="Error: no way" code=E\n    at here\n    at there\n',
    );
  });

  it('quotes texts with spaces, and keeps line breaks and other control characters out of the line', () => {
    expect(shown({ level: 10, text: 'a\nb', other: 'a\u009b1mb=c', msg: 'x\r\ny' })).toBe(
      '[03:04:05.006] TRACE: x y text="a\\nb" other="a 1mb=c"\n',
    );
  });

  it('shows lines without a message, and other values', () => {
    expect(shown({ level: 10, is: true, of: { a: 1 }, some: [1, 2] })).toBe(
      '[03:04:05.006] TRACE:  is=true of={ a: 1 } some=[ 1, 2 ]\n',
    );
  });

  it('colours the level if the terminal can show it', () => {
    expect(shown({ level: 30, msg: 'a' }, true)).toBe('[03:04:05.006] \x1b[32mINFO\x1b[39m: a\n');
    expect(shown({ level: 40, msg: 'a' }, true)).toContain('\x1b[33mWARN\x1b[39m');
    expect(shown({ level: 60, msg: 'a' }, true)).toContain('\x1b[31mFATAL\x1b[39m');
    expect(shown({ level: 20, msg: 'a' }, true)).toBe('[03:04:05.006] DEBUG: a\n');
  });
});
