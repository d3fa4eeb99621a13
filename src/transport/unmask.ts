/** Fewer bytes than this are quicker done here than handed to another language. */
const SHORT = 32;

type Unmask = (bytes: Buffer, mask: Buffer) => void;

/** An optional dependency: without it the same is done here, and takes longer. */
const native: Unmask | undefined = await import('bufferutil').then(
  (bufferutil) => bufferutil.default.unmask,
  () => undefined,
);

/**
 * Unmasks a frame's payload where it is, or masks it again (RFC 6455, 5.3).
 * @param masks holds the four bytes of the mask from `at` on
 */
export function unmask(payload: Buffer, masks: Buffer, at: number): void {
  if (native && payload.length >= SHORT) native(payload, masks.subarray(at, at + 4));
  else unmaskHere(payload, masks, at);
}

/** @internal As `unmask`, in JavaScript. */
export function unmaskHere(payload: Buffer, masks: Buffer, at: number): void {
  const mask = [masks[at], masks[at + 1], masks[at + 2], masks[at + 3]];
  for (let i = 0; i < payload.length; i++) payload[i] ^= mask[i & 3];
}
