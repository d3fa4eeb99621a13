import { CLOSE, closing, fragments, frame, PING, PONG, TEXT } from '../frames.js';
import { type Case, CLOSED, closed, echo, hex, NOT_UTF8, pong, said, testCase, VIOLATION } from './case.js';

const VALID = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];
const INVALID = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535];

const BAD_REASONS = ['ff', 'c3', 'ed a0 80', 'e2 82', 'f4 90 80 80', '6f 6b c0 80'];
const GOOD_REASONS = ['ok', 'κόσμε', '\u{10ffff}', 'x'.repeat(123)];

const BYE = frame(CLOSE, closing(1000));

/** Closing handshakes (RFC 6455, 5.5.1 and 7.4). */
export const CLOSES: readonly Case[] = [
  testCase('an empty close frame', [frame(CLOSE)], CLOSED),
  ...VALID.map((code) => testCase(`the close code ${code}`, [frame(CLOSE, closing(code))], closed(code))),
  ...INVALID.map((code) => testCase(`the close code ${code}, invalid`, [frame(CLOSE, closing(code))], VIOLATION)),
  ...INVALID.slice(0, 3).map((code) =>
    testCase(`the close code ${code}, invalid, with a reason`, [frame(CLOSE, closing(code, 'reason'))], VIOLATION),
  ),
  ...GOOD_REASONS.map((reason) =>
    testCase(`the reason ${reason}`, [frame(CLOSE, closing(1000, reason))], closed(1000)),
  ),
  ...BAD_REASONS.map((digits) =>
    testCase(`the reason ${digits}, no text`, [frame(CLOSE, closing(1000, hex(digits)))], NOT_UTF8),
  ),
  testCase('a close frame of one byte', [frame(CLOSE, 'x')], VIOLATION),
  testCase('a close frame of 126 bytes', [frame(CLOSE, closing(1000, 'x'.repeat(124)))], VIOLATION),
  testCase('a close frame in fragments', fragments(closing(1000), [1], CLOSE), VIOLATION),
  testCase('an empty close frame in fragments', [frame(CLOSE, '', { fin: false })], VIOLATION),
  testCase('a message before a close frame', (say) => [said(say, 'one'), BYE], echo('one'), closed(1000)),
  testCase('a message behind a close frame', (say) => [BYE, said(say, 'late')], closed(1000)),
  testCase(
    'messages on both sides of a close frame',
    (say) => [said(say, 'one'), BYE, said(say, 'late'), said(say, 'later')],
    echo('one'),
    closed(1000),
  ),
  testCase('a message in fragments behind a close frame', (say) => [BYE, ...fragments(say('late'), [4])], closed(1000)),
  testCase('a ping before a close frame', [frame(PING, 'p'), BYE], pong('p'), closed(1000)),
  testCase('a ping behind a close frame', [BYE, frame(PING, 'late')], closed(1000)),
  testCase('a pong behind a close frame', [BYE, frame(PONG, 'late')], closed(1000)),
  testCase('two close frames', [BYE, frame(CLOSE, closing(1001))], closed(1000)),
  testCase('what is no frame behind a close frame', [BYE, hex('ff ff ff ff ff ff')], closed(1000)),
  testCase('what is no text behind a close frame', [BYE, frame(TEXT, hex('ff'))], closed(1000)),
  testCase('a message behind an empty close frame', (say) => [frame(CLOSE), said(say, 'late')], CLOSED),
  testCase('a message behind a close frame that is wrong', (say) => [frame(CLOSE, 'x'), said(say, 'late')], VIOLATION),
];
