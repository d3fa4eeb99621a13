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

/** What comes of chunks: messages, frames, and what is left to others. */
function read(...chunks: Buffer[]) {
  const received: Buffer[] = [];
  const frames: [first: number, payload: Buffer][] = [];
  const others: Buffer[] = [];
  const owner = {
    receivedText: (bytes: Buffer) => void received.push(bytes),
    receivedFrame: (first: number, payload: Buffer) => void frames.push([first, payload]),
    receivedOther: (bytes: Buffer) => void others.push(Buffer.from(bytes)),
  };
  const reader = new FrameReader(owner, MAX);
  // As a buffer that is read into again and again.
  const buffer = Buffer.alloc(65_536);
  for (const chunk of chunks) reader.read(buffer.subarray(0, chunk.copy(buffer)));
  return {
    messages: received.map(String),
    frames: frames.map(([first, payload]) => [first, payload.toString('latin1')]),
    others: Buffer.concat(others),
    reader,
  };
}

const NONE = Buffer.alloc(0);

const bytesOf = (stream: Buffer): Buffer[] => [...stream].map((byte) => Buffer.from([byte]));

describe('FrameReader', () => {
  it.each(['', 'a', 'x'.repeat(31), 'x'.repeat(32), 'x'.repeat(125), 'x'.repeat(126), 'é'.repeat(500)])(
    'reads the whole message %j',
    (value) => {
      expect(read(text(value))).toMatchObject({ messages: [value], others: NONE });
    },
  );

  it('reads the longest form of a length', () => {
    expect(read(text('hello', { wide: true }))).toMatchObject({ messages: ['hello'], others: NONE });
  });

  it('reads all messages of a chunk in order', () => {
    expect(read(Buffer.concat([text('one'), text('two'), text('three')])).messages).toEqual(['one', 'two', 'three']);
  });

  it('finds the frames wherever the stream is cut', () => {
    const stream = Buffer.concat([text('one'), frame(0x89, Buffer.from('ping')), text('x'.repeat(200)), text('two')]);
    for (let cut = 1; cut < stream.length; cut++) {
      const { messages, frames } = read(stream.subarray(0, cut), stream.subarray(cut));
      const all = [...messages, ...frames.map(([, payload]) => payload)];
      expect(all.sort()).toEqual(['one', 'ping', 'two', 'x'.repeat(200)].sort());
      expect(messages[0]).toBe('one');
    }
  });

  it('reads byte by byte', () => {
    const long = 'é'.repeat(400);
    const stream = Buffer.concat([text('one'), text(long), text('two', { wide: true })]);
    expect(read(...bytesOf(stream))).toMatchObject({ messages: ['one', long, 'two'], frames: [], others: NONE });
  });

  it.each([
    ['binary', 0x82, 'x'],
    ['binary, and long', 0x82, 'x'.repeat(300)],
    ['a ping', 0x89, 'x'],
    ['an empty pong', 0x8a, ''],
  ])('passes on %s, with the rest of its chunk', (_, first, payload) => {
    const other = frame(first, Buffer.from(payload));
    expect(read(Buffer.concat([text('before'), other, text('after')]), text('next'))).toMatchObject({
      messages: ['before', 'next'],
      frames: [
        [first, payload],
        [0x81, 'after'],
      ],
      others: NONE,
    });
    const pieces = read(...bytesOf(Buffer.concat([text('before'), other, text('after')])));
    expect(pieces).toMatchObject({ messages: ['before', 'after'], frames: [[first, payload]] });
  });

  it.each([
    ['not masked', text('x', { masked: false })],
    ['of an extension', frame(0xc1, Buffer.from('x'))],
    ['too long', text('x'.repeat(MAX + 1))],
    ['of an unknown kind', frame(0x83, Buffer.from('x'))],
    ['a long ping', frame(0x89, Buffer.alloc(126))],
    ['a ping in fragments', frame(0x09, NONE)],
    ['a continuation of nothing', frame(0x80, NONE)],
    ['a short close frame', frame(0x88, Buffer.from('x'))],
  ])('passes on unchanged: %s, and all that follows', (_, other) => {
    const left = { messages: ['before'], frames: [], others: Buffer.concat([other, text('after'), text('next')]) };
    expect(read(Buffer.concat([text('before'), other, text('after')]), text('next'))).toMatchObject(left);
  });

  it('passes on a frame without waiting for its payload', () => {
    const header = text('x'.repeat(MAX + 1)).subarray(0, 8);
    expect(read(...bytesOf(header)).others).toEqual(header);
    expect(read(Buffer.from([0xc1, 0x80])).others).toEqual(Buffer.from([0xc1, 0x80]));
  });

  it('passes on fragments, and a text between them', () => {
    const fragments = [frame(0x01, Buffer.from('a')), frame(0x89, NONE), frame(0x00, Buffer.from('b'))];
    const frames = [
      [0x01, 'a'],
      [0x89, ''],
      [0x00, 'b'],
    ];
    expect(read(...fragments, frame(0x80, NONE), text('next'))).toMatchObject({
      messages: ['next'],
      frames: [...frames, [0x80, '']],
    });
    expect(read(...fragments, text('wrong'))).toMatchObject({ messages: [], frames, others: text('wrong') });
  });

  it('counts all fragments of a message', () => {
    const half = frame(0x01, Buffer.alloc(MAX / 2, 'x'));
    expect(read(half, frame(0x80, Buffer.alloc(MAX / 2, 'x')), text('next'))).toMatchObject({ messages: ['next'] });
    const rest = frame(0x80, Buffer.alloc(MAX / 2 + 1, 'x'));
    expect(read(half, rest)).toMatchObject({ others: rest });
  });

  it('ends a message at the first invalid byte of UTF-8', () => {
    const bad = Buffer.from('a\xed\xa0', 'latin1');
    const begun = bytesOf(frame(0x81, Buffer.concat([bad, Buffer.from('rest')]))).slice(0, -4);
    for (const chunks of [[frame(0x81, bad)], [frame(0x01, bad)], begun]) {
      expect(read(...chunks, text('late'))).toMatchObject({
        messages: [],
        frames: [[0x81, 'a\xed\xa0']],
        others: NONE,
      });
    }
    const fragments = [frame(0x01, bad.subarray(0, 2)), frame(0x89, NONE)];
    expect(read(...fragments, frame(0x00, bad.subarray(2)), text('late'))).toMatchObject({
      messages: [],
      frames: [
        [0x01, 'a\xed'],
        [0x89, ''],
        [0x80, '\xa0'],
      ],
    });
  });

  it('passes on a text that ends within a character', () => {
    expect(read(text('x').fill(0, 2, 6).fill(0xc3, 6))).toMatchObject({ messages: [], frames: [[0x81, '\xc3']] });
  });

  it('reports the memory of incomplete messages', () => {
    expect(read(text('one')).reader.unfinishedBytes).toBe(0);
    expect(read(frame(0x01, NONE)).reader.unfinishedBytes).toBeGreaterThan(0);
    expect(read(frame(0x01, NONE), frame(0x80, NONE)).reader.unfinishedBytes).toBe(0);
    expect(read(text('one').subarray(0, 1)).reader.unfinishedBytes).toBe(1);
    const long = text('x'.repeat(MAX));
    // What was announced takes nothing yet.
    expect(read(long.subarray(0, 8)).reader.unfinishedBytes).toBeLessThan(MAX / 2);
    expect(read(long.subarray(0, -1)).reader.unfinishedBytes).toBe(MAX);
    expect(read(long).reader.unfinishedBytes).toBe(0);
  });

  it('reads each byte once, however many pieces there are', () => {
    const length = 200_000;
    const stream = frame(0x82, Buffer.alloc(length, 'x'), { wide: true });
    const frames: Buffer[] = [];
    const owner = {
      receivedText: () => undefined,
      receivedFrame: (_: number, payload: Buffer) => void frames.push(payload),
      receivedOther: () => undefined,
    };
    const reader = new FrameReader(owner, length);
    let longestMs = 0;
    for (let at = 0; at < stream.length; at++) {
      const startedAt = performance.now();
      reader.read(stream.subarray(at, at + 1));
      longestMs = Math.max(longestMs, performance.now() - startedAt);
    }
    expect(frames).toEqual([Buffer.alloc(length, 'x')]);
    // Generous: 200,000 pieces in an array that is shifted take seconds.
    expect(longestMs).toBeLessThan(500);
  });

  it('reads nothing behind a close frame', () => {
    const close = frame(0x88, Buffer.from([3, 232]));
    const closed = { messages: [], frames: [[0x88, '\x03\xe8']], others: NONE };
    expect(read(Buffer.concat([close, text('late')]), text('later'))).toMatchObject(closed);
    for (let cut = 1; cut < close.length; cut++) {
      expect(read(close.subarray(0, cut), Buffer.concat([close.subarray(cut), text('late')]))).toMatchObject(closed);
    }
  });

  it('reads nothing after it is stopped, not even the rest of a chunk', () => {
    const messages: string[] = [];
    const reader: FrameReader = new FrameReader(
      {
        receivedText: (bytes) => {
          messages.push(bytes.toString());
          reader.stop();
        },
        receivedFrame: () => undefined,
        receivedOther: () => undefined,
      },
      MAX,
    );
    reader.read(Buffer.concat([text('one'), text('two')]));
    reader.read(text('three'));
    expect(messages).toEqual(['one']);
  });

  it('does not keep a chunk for a few header bytes', () => {
    const chunk = Buffer.concat([
      ...Array<Buffer>(20).fill(text('x'.repeat(900))),
      text('y'.repeat(200)).subarray(0, 3),
    ]);
    const { reader, messages } = read(chunk);
    expect(messages).toHaveLength(20);
    const { rest } = reader as unknown as { rest: Buffer };
    expect(rest).toHaveLength(3);
    expect(rest.buffer.byteLength).toBe(3);
  });
});

describe('unmasked', () => {
  it.each([0, 1, 3, 31, 32, 33, 1000])(
    'equals the native result for %i bytes, and leaves its input unchanged',
    (length) => {
      const chunk = Buffer.concat([Buffer.from([1, 2]), MASK, Buffer.from(Array.from({ length }, (_, i) => i & 255))]);
      const before = Buffer.from(chunk);
      const payload = unmasked(chunk, 6, chunk.length);
      expect(payload).toEqual(unmaskedHere(chunk, 6, chunk.length));
      expect(payload).toHaveLength(length);
      for (let i = 0; i < length; i++) expect(payload[i]! ^ MASK[i & 3]!).toBe(i & 255);
      expect(chunk).toEqual(before);
    },
  );
});
