import { BINARY, CLOSE, closing, CONTINUATION, fragments, frame, PING, TEXT } from '../frames.js';
import { type Case, closed, echo, hex, NOT_UTF8, pong, said, testCase } from './case.js';

/** The first and the last character of each class. */
const CHARACTERS = [
  '\u007f',
  '\u0080',
  '\u07ff',
  '\u0800',
  '\ud7ff',
  '\ue000',
  '\ufdd0',
  '\ufeff',
  '\ufffd',
  '\uffff',
  '\u{10000}',
  '\u{3ffff}',
  '\u{10ffff}',
  'κόσμε',
  'e\u0301',
  '👩‍👩‍👧',
];

/** First bytes of a text that no further byte can complete. */
const IMPOSSIBLE = [
  '80',
  'bf',
  'c0',
  'c1',
  'f5',
  'f8',
  'fc',
  'fe',
  'ff',
  'c2 41',
  'c2 c2',
  'df 7f',
  'e0 80',
  'e0 9f',
  'e1 41',
  'e1 80 41',
  'e1 80 c0',
  'ed a0',
  'ed bf',
  'ef bf 41',
  'f0 80',
  'f0 8f',
  'f1 80 41',
  'f1 80 80 41',
  'f4 90',
  'f4 bf',
  'ce ba e1 bd b9 ed a0 80 65',
  'c3 a9 80',
];

/** First bytes of an incomplete character. */
const TRUNCATED = ['c2', 'df', 'e0', 'e0 a0', 'e1 80', 'ed 9f', 'ef bf', 'f0', 'f0 90', 'f0 90 80', 'f4 8f bf'];

const name = (text: string): string => Buffer.from(text).toString('hex');

function valid(text: string): Case[] {
  const bytes = Buffer.from(text);
  const cuts = Array.from({ length: bytes.length - 1 }, (_, i) => i + 1);
  return [
    testCase(`the character ${name(text)}`, (say) => [said(say, text)], echo(text)),
    ...cuts.slice(0, 3).map((cut) =>
      testCase(
        `the character ${name(text)} in fragments, cut at ${cut}, with a ping between them`,
        (say) => {
          const payload = say(text);
          const [begun, rest] = fragments(payload, [payload.indexOf(text) + cut]);
          return [begun, frame(PING), rest];
        },
        pong(),
        echo(text),
      ),
    ),
  ];
}

/** Invalid bytes close the connection on arrival, in any frame, although the rest never arrives (RFC 6455, 8.1). */
function impossible(digits: string): Case[] {
  const bytes = hex(digits);
  const before = Buffer.from('before ');
  return [
    testCase(`no text: ${digits}`, [frame(TEXT, Buffer.concat([before, bytes, before]))], NOT_UTF8),
    testCase(`a fragment that is no text: ${digits}`, [frame(TEXT, bytes, { fin: false })], NOT_UTF8),
    testCase(
      `a later fragment that is no text: ${digits}`,
      [frame(TEXT, before, { fin: false }), frame(CONTINUATION, bytes, { fin: false })],
      NOT_UTF8,
    ),
    testCase(
      `the beginning of a frame that is no text: ${digits}`,
      [frame(TEXT, bytes, { announced: 1000n })],
      NOT_UTF8,
    ),
    ...(bytes.length === 1
      ? []
      : [
          testCase(
            `no text, in two fragments: ${digits}`,
            [
              frame(TEXT, bytes.subarray(0, -1), { fin: false }),
              frame(CONTINUATION, bytes.subarray(-1), { announced: 100n }),
            ],
            NOT_UTF8,
          ),
        ]),
  ];
}

function truncated(digits: string): Case[] {
  return [
    testCase(`a message that ends within a character: ${digits}`, [frame(TEXT, hex(`41 ${digits}`))], NOT_UTF8),
    testCase(
      `fragments that end within a character: ${digits}`,
      [frame(TEXT, hex('41'), { fin: false }), frame(CONTINUATION, hex(digits))],
      NOT_UTF8,
    ),
    testCase(
      `an empty fragment within a character: ${digits}`,
      [frame(TEXT, hex(digits), { fin: false }), frame(CONTINUATION)],
      NOT_UTF8,
    ),
  ];
}

/** Text messages (RFC 6455, 5.6 and 8.1). */
export const UTF8: readonly Case[] = [
  ...CHARACTERS.flatMap(valid),
  ...IMPOSSIBLE.flatMap(impossible),
  ...TRUNCATED.flatMap(truncated),
  testCase(
    'no text behind a message, and before one',
    (say) => [said(say, 'one'), said(say, hex('ff')), said(say, 'three')],
    echo('one'),
    NOT_UTF8,
  ),
  testCase(
    'a long text that is wrong at its end',
    (say) => [said(say, Buffer.concat([Buffer.alloc(3000, 'x'), hex('c3')]))],
    NOT_UTF8,
  ),
  testCase('a long text in characters of four bytes', (say) => [said(say, '😀'.repeat(5000))], echo('😀'.repeat(5000))),
  testCase(
    'binary fragments that are no text, and not complete',
    [
      frame(BINARY, hex('ff'), { fin: false }),
      frame(CONTINUATION, hex('c0 80'), { fin: false }),
      frame(PING),
      frame(CLOSE, closing(1000)),
    ],
    pong(),
    closed(1000),
  ),
];
