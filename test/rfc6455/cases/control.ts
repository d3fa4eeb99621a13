import { fragments, frame, PING, PONG } from '../frames.js';
import { type Case, echo, hex, pong, said, testCase, VIOLATION } from './case.js';

const PAYLOADS = ['', 'x', 'xy', 'x'.repeat(31), 'x'.repeat(124), 'x'.repeat(125)];
const NO_TEXT = hex('00 ff fe fd 80 c0 ed a0 80');
const MANY = Array.from({ length: 100 }, (_, i) => `ping ${i}`);

/** Pings and pongs. */
export const CONTROL: readonly Case[] = [
  ...PAYLOADS.map((payload) => testCase(`a ping of ${payload.length} bytes`, [frame(PING, payload)], pong(payload))),
  ...PAYLOADS.map((payload) => testCase(`an unsolicited pong of ${payload.length} bytes`, [frame(PONG, payload)])),
  testCase('a ping that is no text', [frame(PING, NO_TEXT)], pong(NO_TEXT)),
  testCase('a pong that is no text', [frame(PONG, NO_TEXT)]),
  testCase(
    'ten pings',
    MANY.slice(0, 10).map((text) => frame(PING, text)),
    ...MANY.slice(0, 10).map((text) => pong(text)),
  ),
  testCase(
    'a hundred pings',
    MANY.map((text) => frame(PING, text)),
    ...MANY.map((text) => pong(text)),
  ),
  testCase(
    'a hundred pongs',
    MANY.map((text) => frame(PONG, text)),
  ),
  testCase(
    'pings between messages',
    (say) => [said(say, 'a'), frame(PING, '1'), said(say, 'b'), frame(PING, '2'), frame(PONG), said(say, 'c')],
    echo('a'),
    pong('1'),
    echo('b'),
    pong('2'),
    echo('c'),
  ),
  ...[PING, PONG].flatMap((opcode) => [
    ...[126, 127, 65_536].map((length) =>
      testCase(`a control frame ${opcode} of ${length} bytes`, [frame(opcode, Buffer.alloc(length))], VIOLATION),
    ),
    testCase(`a control frame ${opcode} in fragments`, fragments(Buffer.from('ping'), [2], opcode), VIOLATION),
    testCase(`an empty control frame ${opcode} in fragments`, [frame(opcode, '', { fin: false })], VIOLATION),
    testCase(
      `a long control frame ${opcode} behind a message, and before one`,
      (say) => [said(say, 'one'), frame(opcode, Buffer.alloc(126)), said(say, 'two')],
      echo('one'),
      VIOLATION,
    ),
  ]),
];
