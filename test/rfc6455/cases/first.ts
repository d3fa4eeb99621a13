import { CLOSE, closing, CONTINUATION, fragments, frame, PING, PONG, TEXT } from '../frames.js';
import { type Case, closed, echo, hex, NOT_UTF8, pong, said, testCase, TOO_LONG, VIOLATION } from './case.js';

const ANSWER = echo('first');

/** Frames sent in one stream with the handshake, before its response. */
const EARLY: readonly Case[] = [
  testCase('nothing', []),
  testCase('a ping', [frame(PING, 'early')], pong('early')),
  testCase('a pong', [frame(PONG)]),
  testCase('a message', (say) => [said(say, 'first')], ANSWER),
  testCase(
    'three messages',
    (say) => [said(say, 'first'), said(say, 'first'), said(say, 'first')],
    ANSWER,
    ANSWER,
    ANSWER,
  ),
  testCase('a message in fragments', (say) => fragments(say('first'), [1]), ANSWER),
  testCase(
    'a ping between fragments',
    (say) => {
      const [begun, rest] = fragments(say('first'), [1]);
      return [begun, frame(PING), rest];
    },
    pong(),
    ANSWER,
  ),
  testCase('a close frame', [frame(CLOSE, closing(1000))], closed(1000)),
  testCase('a message behind a close frame', (say) => [frame(CLOSE, closing(4000)), said(say, 'first')], closed(4000)),
  testCase('a frame without a mask', [frame(TEXT, '{}', { mask: undefined })], VIOLATION),
  testCase('a reserved bit', [frame(TEXT, '{}', { rsv: 4 })], VIOLATION),
  testCase('a reserved opcode', [frame(3)], VIOLATION),
  testCase('a continuation', [frame(CONTINUATION, 'x')], VIOLATION),
  testCase('no text', [frame(TEXT, hex('ff'))], NOT_UTF8),
  testCase('a fragment that is no text', [frame(TEXT, hex('ff'), { fin: false })], NOT_UTF8),
  testCase('a message that is going to be too long', [frame(TEXT, '', { announced: 2n ** 40n })], TOO_LONG),
];

const OFFERS = [
  'permessage-deflate',
  'permessage-deflate; client_max_window_bits',
  'permessage-deflate; client_max_window_bits=9; server_max_window_bits=9',
  'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
  'permessage-deflate; server_max_window_bits=99',
  'permessage-deflate; nonsense=1',
  'permessage-deflate, permessage-deflate; client_max_window_bits',
  'permessage-deflate\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits="15"',
  'x-webkit-deflate-frame',
  'permessage-bzip2, permessage-snappy; a="b, c"',
  ';;,=',
];

/** "hello" as permessage-deflate compresses it (RFC 7692, 7.2.3.1). */
const DEFLATED = hex('ca 48 cd c9 c9 07 00');

/**
 * The server accepts no extension, whatever the client offers (the runner checks the response), so reserved bits stay
 * invalid.
 */
const OFFERED: readonly Case[] = OFFERS.flatMap((offer) => {
  const headers = `Sec-WebSocket-Extensions: ${offer}\r\n`;
  return [
    { ...testCase(`a message, offered ${offer}`, (say) => [said(say, 'first'), frame(PING)], ANSWER, pong()), headers },
    { ...testCase(`a deflated message, offered ${offer}`, [frame(TEXT, DEFLATED, { rsv: 4 })], VIOLATION), headers },
  ];
});

/** Frames sent together with the handshake. */
export const FIRST: readonly Case[] = [...EARLY, ...OFFERED].map((one) => ({
  ...one,
  name: `with the handshake: ${one.name}`,
  isFirst: true,
}));
