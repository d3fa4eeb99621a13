import { FrameReader } from './frame-reader.js';
import { unmasked, unmaskedHere } from './unmask.js';

const MASK = Buffer.from([0x5a, 0x13, 0xc7, 0x2e]);
const MAX = 1000;

/** A client's frame. */
function frame(first: number, payload: Buffer, { masked = true, wide = false } = {}): Buffer {
  const { length } = payload;
  const second = masked ? 0x80 : 0;
  let header = Buffer.from([first, second | length]);
  if (wide) {
    header = Buffer.alloc(10);
    header.set([first, second | 127]);
    header.writeBigUInt64BE(BigInt(length), 2);
  } else if (length > 125) {
    header = Buffer.from([first, second | 126, length >> 8, length & 255]);
  }
  // Masked twice, it is as it was.
  const body = Buffer.concat([MASK, payload]);
  return Buffer.concat(masked ? [header, MASK, unmaskedHere(body, 4, body.length)] : [header, payload]);
}

const text = (value: string, options?: object): Buffer => frame(0x81, Buffer.from(value), options);

/** What comes of chunks: messages, and what is left to others. */
function read(...chunks: Buffer[]) {
  const received: Buffer[] = [];
  const others: Buffer[] = [];
  const owner = {
    receivedText: (bytes: Buffer) => void received.push(bytes),
    receivedOther: (bytes: Buffer) => void others.push(Buffer.from(bytes)),
  };
  const reader = new FrameReader(owner, MAX);
  // As a buffer that is read into again and again.
  const buffer = Buffer.alloc(65_536);
  for (const chunk of chunks) reader.read(buffer.subarray(0, chunk.copy(buffer)));
  return { messages: received.map(String), others: Buffer.concat(others), reader };
}

const NONE = Buffer.alloc(0);

describe('FrameReader', () => {
  it.each(['', 'a', 'x'.repeat(31), 'x'.repeat(32), 'x'.repeat(125), 'x'.repeat(126), 'é'.repeat(500)])(
    'reads the whole message %j',
    (value) => {
      expect(read(text(value))).toMatchObject({ messages: [value], others: NONE });
    },
  );

  it('reads the longest way to write a length', () => {
    expect(read(text('hello', { wide: true }))).toMatchObject({ messages: ['hello'], others: NONE });
  });

  it('reads all messages of a chunk in order', () => {
    expect(read(Buffer.concat([text('one'), text('two'), text('three')])).messages).toEqual(['one', 'two', 'three']);
  });

  it('finds the frames wherever the stream is cut', () => {
    const stream = Buffer.concat([text('one'), frame(0x89, Buffer.from('ping')), text('x'.repeat(200)), text('two')]);
    for (let cut = 1; cut < stream.length; cut++) {
      const { messages, others } = read(stream.subarray(0, cut), stream.subarray(cut));
      // Whatever was cut within its header is whole again; what was cut behind it is for others, whole.
      const left = framesOf(others);
      expect([...messages, ...left].sort()).toEqual(['one', 'ping', 'two', 'x'.repeat(200)].sort());
    }
  });

  it('reads byte by byte', () => {
    const stream = Buffer.concat([text('one'), text('two')]);
    const { messages, others } = read(...[...stream].map((byte) => Buffer.from([byte])));
    expect(messages).toEqual([]);
    expect(others).toEqual(stream);
  });

  it.each([
    ['binary', frame(0x82, Buffer.from('x'))],
    ['not masked', text('x', { masked: false })],
    ['of an extension', frame(0xc1, Buffer.from('x'))],
    ['too long', text('x'.repeat(MAX + 1))],
    ['not UTF-8', frame(0x81, Buffer.from([0xc3, 0x28]))],
    ['not UTF-8, and long', frame(0x81, Buffer.alloc(100, 0xff))],
    ['of an unknown kind', frame(0x83, Buffer.from('x'))],
    ['a ping', frame(0x89, Buffer.from('x'))],
  ])('leaves to others, unchanged, what is %s', (_, other) => {
    expect(read(Buffer.concat([text('before'), other, text('after')]), text('next'))).toMatchObject({
      messages: ['before', 'next'],
      others: Buffer.concat([other, text('after')]),
    });
  });

  it('leaves all fragments to others, and a text between them, which is wrong there', () => {
    const fragments = [frame(0x01, Buffer.from('a')), frame(0x89, NONE), text('wrong')];
    expect(read(...fragments, text('next'))).toMatchObject({ messages: ['next'], others: Buffer.concat(fragments) });
  });

  it('reads nothing behind a close frame', () => {
    const close = frame(0x88, Buffer.from([3, 232]));
    expect(read(Buffer.concat([close, text('late')]), text('later'))).toMatchObject({ messages: [], others: close });
    for (let cut = 1; cut < close.length; cut++) {
      const chunks = [close.subarray(0, cut), Buffer.concat([close.subarray(cut), text('late')])];
      expect(read(...chunks)).toMatchObject({ messages: [], others: close });
    }
  });

  it('reads nothing after it was stopped, not even of the same chunk', () => {
    const messages: string[] = [];
    const reader: FrameReader = new FrameReader(
      {
        receivedText: (bytes) => {
          messages.push(bytes.toString());
          reader.stop();
        },
        receivedOther: () => undefined,
      },
      MAX,
    );
    reader.read(Buffer.concat([text('one'), text('two')]));
    reader.read(text('three'));
    expect(messages).toEqual(['one']);
  });

  it('keeps no chunk for the few bytes of a header', () => {
    const chunk = Buffer.concat([
      ...Array<Buffer>(20).fill(text('x'.repeat(900))),
      text('y'.repeat(200)).subarray(0, 3),
    ]);
    const { reader, messages } = read(chunk);
    expect(messages).toHaveLength(20);
    const { rest } = reader as unknown as { rest: Buffer };
    expect(rest).toHaveLength(3);
    expect(rest.buffer.byteLength).toBeLessThan(chunk.length);
  });
});

describe('unmasked', () => {
  it.each([0, 1, 3, 31, 32, 33, 1000])('is the same of %i bytes, natively and here, and changes nothing', (length) => {
    const chunk = Buffer.concat([Buffer.from([1, 2]), MASK, Buffer.from(Array.from({ length }, (_, i) => i & 255))]);
    const before = Buffer.from(chunk);
    const payload = unmasked(chunk, 6, chunk.length);
    expect(payload).toEqual(unmaskedHere(chunk, 6, chunk.length));
    expect(payload).toHaveLength(length);
    for (let i = 0; i < length; i++) expect(payload[i] ^ MASK[i & 3]).toBe(i & 255);
    expect(chunk).toEqual(before);
  });
});

/** The payloads of masked frames in a row. */
function framesOf(stream: Buffer): string[] {
  const payloads: string[] = [];
  for (let at = 0; at < stream.length;) {
    const short = stream[at + 1] & 127;
    const start = at + (short === 126 ? 8 : 6);
    const length = short === 126 ? stream.readUInt16BE(at + 2) : short;
    payloads.push(unmaskedHere(stream, start, start + length).toString());
    at = start + length;
  }
  return payloads;
}
