import { isUtf8 } from 'node:buffer';
import { Utf8Pieces } from './utf8-pieces.js';

/** Which of the bytes, one after the other, is the first that cannot be part of a text; -1 if all can. */
function refusedAt(bytes: Buffer): number {
  const text = new Utf8Pieces();
  for (let at = 0; at < bytes.length; at++) {
    if (!text.accepts(bytes.subarray(at, at + 1))) return at;
  }
  return -1;
}

/** The same, by trying all that may follow: one to three bytes, of which the last ones do not depend on the others. */
function brokenAt(bytes: Buffer): number {
  const ends = ['', '80', 'bf', '8080', 'bfbf', '808080', 'bfbfbf'].map((hex) => Buffer.from(hex, 'hex'));
  for (let at = 0; at < bytes.length; at++) {
    const begun = bytes.subarray(0, at + 1);
    if (!ends.some((end) => isUtf8(Buffer.concat([begun, end])))) return at;
  }
  return -1;
}

describe('Utf8Pieces', () => {
  const text = Buffer.from('a\u0080\u07ff\u0800\ud7ff\ue000\uffff\u{10000}\u{10ffff}z');

  it('accepts a text wherever it is cut', () => {
    for (let cut = 0; cut <= text.length; cut++) {
      const pieces = new Utf8Pieces();
      expect(pieces.accepts(text.subarray(0, cut))).toBe(true);
      expect(pieces.isWhole).toBe(isUtf8(text.subarray(0, cut)));
      expect(pieces.accepts(text.subarray(cut))).toBe(true);
      expect(pieces.isWhole).toBe(true);
    }
  });

  it('accepts a text byte by byte', () => {
    expect(refusedAt(text)).toBe(-1);
  });

  it('rejects invalid sequences of two and three bytes at the first wrong byte', () => {
    for (let first = 0; first < 256; first++) {
      for (let second = 0; second < 256; second++) {
        for (const rest of [[], [0x7f], [0x80], [0xc0]]) {
          const bytes = Buffer.from([first, second, ...rest]);
          const at = refusedAt(bytes);
          if (at !== brokenAt(bytes))
            expect([bytes.toString('hex'), at]).toEqual([bytes.toString('hex'), brokenAt(bytes)]);
        }
      }
    }
  });
});
