import type { Say } from '../endpoints.js';
import { frame, type Shape, TEXT } from '../frames.js';

/** Bound of the server in this suite, above the lengths at which the header changes. */
export const MAX_FRAME_BYTES = 70_000;
export const MAX_FRAGMENTS = 64;

/** An answer of the server, in the notation of `RawSocket`. */
export type Answer = string | ((say: Say) => string);

/** Frames of a client, and the answers that the server must give. */
export interface Case {
  readonly name: string;
  /** Returns the frames to send. */
  readonly frames: (say: Say) => readonly Buffer[];
  /** Without a close frame among them, the connection must stay open. */
  readonly answers: readonly Answer[];
  /**
   * Whether the frames are sent together with the handshake. Each message built by `say` is then answered with `echo
   * first`.
   */
  readonly isFirst?: boolean;
  /** Additional header lines of the handshake. */
  readonly headers?: string;
}

/** Creates a case from fixed frames, or from a function that builds them with `say`. */
export function testCase(name: string, frames: readonly Buffer[] | Case['frames'], ...answers: Answer[]): Case {
  return { name, frames: typeof frames === 'function' ? frames : () => frames, answers };
}

export const echo = (text: string): string => `echo ${text}`;
export const pong = (payload: string | Buffer = ''): string => `pong ${Buffer.from(payload).toString('hex')}`.trim();
export const closed = (code: number): string => `close ${code}`;

/** Answer to a close frame without a code. */
export const CLOSED = 'close';
/** Answer to a protocol violation. */
export const VIOLATION = closed(1002);
export const NOT_UTF8 = closed(1007);
export const TOO_MANY = closed(1008);
export const TOO_LONG = closed(1009);

/** Builds a frame with an echoed message. */
export const said = (say: Say, text: string | Buffer, shape?: Shape): Buffer => frame(TEXT, say(text), shape);

/** Returns the text that makes a message this many bytes long. */
export const filling = (say: Say, bytes: number): string => 'x'.repeat(bytes - say('').length);
export const filled =
  (bytes: number) =>
  (say: Say): string =>
    echo(filling(say, bytes));

/** Parses hexadecimal digits with optional spaces. */
export const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex');
