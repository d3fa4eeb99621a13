import { Random } from '../support/random.js';
import type { Pieces } from './raw-socket.js';

/** Bytes at both ends of a long stream that are sent one by one. The rest is sent at once. */
const SINGLE_BYTES = 64;
const LONG_BYTES = 2048;
const MIDDLE_BYTES = 16_384;

/** A way to split the bytes of a client. */
export interface Chopping {
  readonly name: string;
  chop(frames: Pieces): Pieces;
}

/** Splits a stream into pieces. `sizeAt` returns the size of the piece at an offset. */
function cut(stream: Buffer, sizeAt: (at: number) => number): Pieces {
  const pieces: Buffer[] = [];
  for (let at = 0; at < stream.length;) {
    const size = sizeAt(at);
    pieces.push(stream.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

function bytewise(stream: Buffer): Pieces {
  const tail = stream.length - SINGLE_BYTES;
  return cut(stream, (at) => {
    if (stream.length <= LONG_BYTES || at < SINGLE_BYTES || at >= tail) return 1;
    return Math.min(MIDDLE_BYTES, tail - at);
  });
}

/** Splits into pieces of all orders of magnitude, the same ones in each run. */
function randomly(stream: Buffer): Pieces {
  const random = new Random(stream.length);
  return cut(stream, () => 1 + random.below(2 ** random.below(Math.max(1, Math.log2(stream.length)))));
}

export const CHOPPINGS: readonly Chopping[] = [
  { name: 'whole', chop: (frames) => [Buffer.concat(frames)] },
  { name: 'frame by frame', chop: (frames) => frames },
  { name: 'byte by byte', chop: (frames) => bytewise(Buffer.concat(frames)) },
  { name: 'in random pieces', chop: (frames) => randomly(Buffer.concat(frames)) },
];
