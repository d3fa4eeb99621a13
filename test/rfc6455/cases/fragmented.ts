import { BINARY, CLOSE, closing, CONTINUATION, fragments, frame, PING, PONG, TEXT } from '../frames.js';
import { type Case, closed, echo, MAX_FRAGMENTS, pong, said, testCase, TOO_MANY, VIOLATION } from './case.js';

const HELLO = 'hello, fragments';
const begun = (payload: string | Buffer, opcode = TEXT): Buffer => frame(opcode, payload, { fin: false });
const more = (payload: string | Buffer): Buffer => frame(CONTINUATION, payload, { fin: false });
const last = (payload: string | Buffer = ''): Buffer => frame(CONTINUATION, payload);

/** Returns the offsets that split a payload into `count` fragments: single bytes, and the rest. */
const cutsFor = (count: number): number[] => Array.from({ length: count - 1 }, (_, i) => i + 1);

/** Fragmented messages, and frames between their fragments. */
export const FRAGMENTED: readonly Case[] = [
  ...[2, 3, 5, 16, MAX_FRAGMENTS].map((count) =>
    testCase(`a message in ${count} fragments`, (say) => fragments(say(HELLO), cutsFor(count)), echo(HELLO)),
  ),
  testCase('a message in too many fragments', (say) => fragments(say(HELLO), cutsFor(MAX_FRAGMENTS + 1)), TOO_MANY),
  testCase(
    'a message in too many fragments, and one behind it',
    (say) => [...fragments(say(HELLO), cutsFor(MAX_FRAGMENTS + 1)), said(say, 'late')],
    TOO_MANY,
  ),
  ...[2, 3, 17].map((count) =>
    testCase(
      `a ping before each of ${count} fragments`,
      (say) => fragments(say(HELLO), cutsFor(count)).flatMap((fragment, i) => [frame(PING, `${i}`), fragment]),
      ...Array.from({ length: count }, (_, i) => pong(`${i}`)),
      echo(HELLO),
    ),
  ),
  testCase(
    'pongs between fragments',
    (say) => fragments(say(HELLO), [3, 20]).flatMap((fragment) => [frame(PONG, 'pong'), fragment]),
    echo(HELLO),
  ),
  testCase('an empty first fragment', (say) => [begun(''), last(say(HELLO))], echo(HELLO)),
  testCase('an empty last fragment', (say) => [begun(say(HELLO)), last()], echo(HELLO)),
  testCase('empty fragments around', (say) => [begun(''), more(''), more(say(HELLO)), more(''), last()], echo(HELLO)),
  testCase(
    'long fragments',
    (say) => fragments(say('x'.repeat(60_000)), [126, 126 + 65, 30_000]),
    echo('x'.repeat(60_000)),
  ),
  testCase(
    'two messages in fragments, and whole ones around them',
    (say) => [
      said(say, 'a'),
      ...fragments(say('b'), [5]),
      said(say, 'c'),
      said(say, 'd'),
      ...fragments(say('e'), [7, 8]),
      said(say, 'f'),
    ],
    ...['a', 'b', 'c', 'd', 'e', 'f'].map(echo),
  ),
  ...[last(), last('xx'), more(''), more('xx')].map((fragment, i) =>
    testCase(`a continuation of nothing, ${i + 1}`, [fragment], VIOLATION),
  ),
  testCase(
    'a continuation of a message that has ended',
    (say) => [...fragments(say('one'), [3]), last(say('two')), said(say, 'three')],
    echo('one'),
    VIOLATION,
  ),
  testCase('a continuation of a whole message', (say) => [said(say, 'one'), last(say('two'))], echo('one'), VIOLATION),
  testCase('a continuation of a ping', [frame(PING, 'a'), last('b')], pong('a'), VIOLATION),
  testCase('a message within a message', (say) => [begun('x'), said(say, 'within'), last('y')], VIOLATION),
  testCase('an empty message within a message', [begun('x'), frame(TEXT), last('y')], VIOLATION),
  testCase('a binary message within a message', [begun('x'), frame(BINARY, 'y'), last('z')], VIOLATION),
  testCase('a text within a binary message', (say) => [begun('x', BINARY), said(say, 'within')], VIOLATION),
  testCase('a message that begins twice', [begun('x'), begun('y')], VIOLATION),
  testCase(
    'a ping in fragments within a message',
    [begun('x'), ...fragments(Buffer.from('ping'), [2], PING), last('y')],
    VIOLATION,
  ),
  testCase('a close frame within a message', [begun('x'), frame(CLOSE, closing(1000)), last('y')], closed(1000)),
  testCase(
    'a ping and a close frame within a message',
    [begun('x'), frame(PING), frame(CLOSE, closing(1001))],
    pong(),
    closed(1001),
  ),
  testCase('reserved bits in a later fragment', [begun('x'), frame(CONTINUATION, 'y', { rsv: 4 })], VIOLATION),
  testCase('a later fragment without a mask', [begun('x'), frame(CONTINUATION, 'y', { mask: undefined })], VIOLATION),
];
