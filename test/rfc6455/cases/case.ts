import type { Say } from '../endpoints.js';
import { frame, type Shape, TEXT } from '../frames.js';

/** The server of the suite has this bound, so that the bounds of lengths lie below it. */
export const MAX_FRAME_BYTES = 70_000;
export const MAX_FRAGMENTS = 64;

/** What the server answers, as `RawSocket` writes it. */
export type Answer = string | ((say: Say) => string);

/** What a client sends, and what the server has to do about it. */
export interface Case {
  readonly name: string;
  /** What is sent, frame by frame. */
  readonly frames: (say: Say) => readonly Buffer[];
  /** If there is no close frame among them, the connection has to go on. */
  readonly answers: readonly Answer[];
  /** Whether it is sent together with the handshake: each message that `say` builds is answered with `echo first`. */
  readonly isFirst?: boolean;
  /** Lines of the handshake beside the usual ones. */
  readonly headers?: string;
}

/** A case whose frames need no message that is answered, or are built by `say`. */
export function testCase(name: string, frames: readonly Buffer[] | Case['frames'], ...answers: Answer[]): Case {
  return { name, frames: typeof frames === 'function' ? frames : () => frames, answers };
}

export const echo = (text: string): string => `echo ${text}`;
export const pong = (payload: string | Buffer = ''): string => `pong ${Buffer.from(payload).toString('hex')}`.trim();
export const closed = (code: number): string => `close ${code}`;

/** The answer to a close frame without a code. */
export const CLOSED = 'close';
/** What breaks the protocol. */
export const VIOLATION = closed(1002);
export const NOT_UTF8 = closed(1007);
export const TOO_MANY = closed(1008);
export const TOO_LONG = closed(1009);

/** A message that is answered, in a frame. */
export const said = (say: Say, text: string | Buffer, shape?: Shape): Buffer => frame(TEXT, say(text), shape);

/** The text with which a message has this many bytes. */
export const filling = (say: Say, bytes: number): string => 'x'.repeat(bytes - say('').length);
export const filled =
  (bytes: number) =>
  (say: Say): string =>
    echo(filling(say, bytes));

/** Bytes that are written in hexadecimal, with spaces where one likes. */
export const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex');
