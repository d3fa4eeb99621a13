import { BINARY, CLOSE, fragments, frame, PING, TEXT } from '../frames.js';
import {
  type Case,
  CLOSED,
  filled,
  filling,
  MAX_FRAME_BYTES,
  pong,
  said,
  testCase,
  TOO_LONG,
  VIOLATION,
} from './case.js';

const MAX = MAX_FRAME_BYTES;

/** Message lengths around the changes of the header and the bounds of the server. */
const OF_MESSAGES = [124, 125, 126, 127, 128, 129, 255, 256, 65_534, 65_535, 65_536, 65_537, MAX - 1, MAX];

/** Lengths in more bytes than needed: against the RFC for clients, but harmless. */
const LONG_WRITTEN = [
  [125, 2],
  [125, 8],
  [126, 8],
  [65_535, 8],
] as const;

/** Lengths above the bound. The server closes without waiting for the payload. */
const ENDLESS = [BigInt(MAX + 1), 2n ** 31n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];

export const LENGTHS: readonly Case[] = [
  ...OF_MESSAGES.map((length) =>
    testCase(`a message of ${length} bytes`, (say) => [said(say, filling(say, length))], filled(length)),
  ),
  ...LONG_WRITTEN.map(([length, lengthBytes]) =>
    testCase(
      `a message of ${length} bytes, its length in ${lengthBytes}`,
      (say) => [said(say, filling(say, length), { lengthBytes })],
      filled(length),
    ),
  ),
  ...ENDLESS.flatMap((announced) => [
    testCase(`a text of ${announced} bytes`, [frame(TEXT, '', { announced, lengthBytes: 8 })], TOO_LONG),
    testCase(`a binary message of ${announced} bytes`, [frame(BINARY, '', { announced, lengthBytes: 8 })], TOO_LONG),
  ]),
  testCase(
    'a message that is too long, with all its bytes',
    (say) => [said(say, filling(say, MAX + 1)), said(say, 'late')],
    TOO_LONG,
  ),
  testCase('a binary message that is too long', [frame(BINARY, Buffer.alloc(MAX + 1))], TOO_LONG),
  ...[1, 100, MAX - 1].map((cut) =>
    testCase(
      `fragments that are together as long as may be, cut at ${cut}`,
      (say) => fragments(say(filling(say, MAX)), [cut]),
      filled(MAX),
    ),
  ),
  ...[1, 100, MAX - 1, MAX].map((cut) =>
    testCase(
      `fragments that are together too long, cut at ${cut}`,
      (say) => fragments(say(filling(say, MAX + 1)), [cut]),
      TOO_LONG,
    ),
  ),
  testCase('binary fragments that are too long', fragments(Buffer.alloc(MAX + 1), [MAX], BINARY), TOO_LONG),
  ...([2, 8] as const).map((lengthBytes) =>
    testCase(`a ping whose length is in ${lengthBytes} bytes`, [frame(PING, 'x', { lengthBytes })], VIOLATION),
  ),
  testCase(
    'a ping between the longest messages',
    (say) => [said(say, filling(say, MAX)), frame(PING, 'p'), said(say, filling(say, MAX))],
    filled(MAX),
    pong('p'),
    filled(MAX),
  ),
  testCase(
    'a close frame behind the longest message',
    (say) => [said(say, filling(say, MAX)), frame(CLOSE)],
    filled(MAX),
    CLOSED,
  ),
];
