import { BINARY, CLOSE, CONTINUATION, frame, PING, PONG, TEXT } from '../frames.js';
import { type Case, echo, said, testCase, VIOLATION } from './case.js';

const OPCODES = { CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG };
const KINDS = Object.entries(OPCODES);
const RESERVED_OPCODES = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15];
const RESERVED_BITS = [1, 2, 3, 4, 5, 6, 7];

const MASKS = [
  [0, 0, 0, 0],
  [255, 255, 255, 255],
  [1, 0, 0, 0],
  [0, 0, 0, 1],
  // Equal to the start of the payload, so that the masked bytes are zero.
  [...Buffer.from('{"ev')],
];

/** The first two bytes of a frame, and its mask. */
export const HEADERS: readonly Case[] = [
  ...RESERVED_BITS.flatMap((rsv) => [
    ...KINDS.map(([kind, opcode]) =>
      testCase(`reserved bits ${rsv} in a ${kind}`, [frame(opcode, '', { rsv })], VIOLATION),
    ),
    testCase(
      `reserved bits ${rsv} behind a message, and before one`,
      (say) => [said(say, 'one'), said(say, 'two', { rsv }), said(say, 'three')],
      echo('one'),
      VIOLATION,
    ),
  ]),
  ...RESERVED_OPCODES.flatMap((opcode) => [
    testCase(`opcode ${opcode}`, [frame(opcode)], VIOLATION),
    testCase(`opcode ${opcode}, not final`, [frame(opcode, '', { fin: false })], VIOLATION),
    testCase(
      `opcode ${opcode} with a payload, behind a message and before one`,
      (say) => [said(say, 'one'), frame(opcode, say('two')), said(say, 'three')],
      echo('one'),
      VIOLATION,
    ),
  ]),
  ...KINDS.flatMap(([kind, opcode]) => [
    testCase(`a ${kind} without a mask`, [frame(opcode, '', { mask: undefined })], VIOLATION),
    testCase(`a ${kind} with a payload, without a mask`, [frame(opcode, 'xx', { mask: undefined })], VIOLATION),
  ]),
  testCase(
    'a message without a mask, behind a message and before one',
    (say) => [said(say, 'one'), said(say, 'two', { mask: undefined }), said(say, 'three')],
    echo('one'),
    VIOLATION,
  ),
  ...MASKS.flatMap((mask) =>
    ['short', 'long enough to be unmasked natively', 'é'.repeat(2000)].map((text) =>
      testCase(
        `the mask ${mask.join()} and ${text.length} characters`,
        (say) => [said(say, text, { mask })],
        echo(text),
      ),
    ),
  ),
];
