import { Random } from '../support/random.js';
import type { Pieces } from './raw-socket.js';

/** Bytes at both ends of a long stream that are sent one by one, and those in between at once. */
const SINGLE_BYTES = 64;
const LONG_BYTES = 2048;
const MIDDLE_BYTES = 16_384;

/** A way to cut what a client sends. */
export interface Chopping {
  readonly name: string;
  chop(frames: Pieces): Pieces;
}

/** Cuts a stream into pieces, each as long as the size that is drawn for its place. */
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

/** Pieces of all orders of magnitude; always the same ones. */
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
