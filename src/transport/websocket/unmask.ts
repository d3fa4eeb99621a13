import { createRequire } from 'node:module';

/** Below this number of bytes, JavaScript is faster than the call of a native function. */
const SHORT = 32;
/** Length of the mask before a payload. */
export const MASK_BYTES = 4;

type Mask = (source: Buffer, mask: Buffer, output: Buffer, offset: number, length: number) => void;

/** The function of an optional dependency. Without it JavaScript does the same more slowly. */
const native = nativeMask();

/** Loads synchronously: with a top-level await, CommonJS programs could not `require` this package. */
function nativeMask(): Mask | undefined {
  try {
    return (createRequire(import.meta.url)('bufferutil') as { mask: Mask }).mask;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    return undefined;
  }
}

/**
 * Returns the unmasked payload of a frame (RFC 6455, 5.3) in a buffer of its own.
 * @param chunk holds the payload from `start` to `end`, and the mask before it
 */
export function unmasked(chunk: Buffer, start: number, end: number): Buffer {
  if (!native || end - start < SHORT) return unmaskedHere(chunk, start, end);
  const payload = Buffer.allocUnsafe(end - start);
  native(chunk.subarray(start, end), chunk.subarray(start - MASK_BYTES, start), payload, 0, end - start);
  return payload;
}

/** @internal Does the work of `unmasked` in JavaScript. */
export function unmaskedHere(chunk: Buffer, start: number, end: number): Buffer {
  const payload = Buffer.allocUnsafe(end - start);
  const mask = chunk.subarray(start - MASK_BYTES, start);
  for (let i = 0; i < payload.length; i++) payload[i] = chunk[start + i]! ^ mask[i % MASK_BYTES]!;
  return payload;
}

/**
 * Unmasks a piece of a payload into bytes `from` to `to` of a buffer that begins where the payload does.
 * @param source holds the piece, beginning at `at`
 */
export function unmaskInto(target: Buffer, from: number, to: number, source: Buffer, at: number, mask: Buffer): void {
  const length = to - from;
  if (native && length >= SHORT) {
    const turned = Buffer.from([0, 1, 2, 3].map((i) => mask[(from + i) % MASK_BYTES]!));
    native(source.subarray(at, at + length), turned, target, from, length);
    return;
  }
  for (let i = 0; i < length; i++) target[from + i] = source[at + i]! ^ mask[(from + i) % MASK_BYTES]!;
}
