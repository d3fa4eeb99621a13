import { PassThrough } from 'node:stream';
import { WebSocket } from 'ws';
import { binaryFrame, carriedLength, type Frame, jsonFrame, textFrame, textParts } from './text-frame.js';

/** What the ws library reads from our frame. */
async function read(frame: Frame): Promise<string> {
  const socket = new PassThrough();
  const receiver = new WebSocket(null as never, undefined, {}) as WebSocket & {
    setSocket(socket: unknown, head: Buffer, options: object): void;
  };
  (receiver as unknown as { _isServer: boolean })._isServer = false;
  receiver.setSocket(socket, Buffer.alloc(0), { maxPayload: 0 });
  const message = new Promise<string>((resolve, reject) => {
    receiver.on('message', (data: Buffer, isBinary) => {
      resolve(`${isBinary ? 'binary' : 'text'}:${data.toString()}`);
    });
    receiver.on('error', reject);
  });
  socket.write(frame);
  return message;
}

describe('textFrame', () => {
  it.each([0, 1, 125, 126, 127, 65_535, 65_536, 1_200_000])('frames %i bytes', async (length) => {
    expect(await read(textFrame('x'.repeat(length)))).toBe(`text:${'x'.repeat(length)}`);
  });

  it('joins head, payload and tail, with multi-byte characters', async () => {
    expect(await read(textFrame('{"é":', Buffer.from('"€"'), ',"😀":1}'))).toBe('text:{"é":"€","😀":1}');
    expect(await read(jsonFrame({ a: 'ü' }))).toBe('text:{"a":"ü"}');
  });
});

describe('binaryFrame', () => {
  it.each([0, 1, 125, 126, 65_535, 65_536])('frames %i bytes', async (length) => {
    expect(await read(binaryFrame(Buffer.alloc(length, 'x')))).toBe(`binary:${'x'.repeat(length)}`);
  });
});

it.each([0, 1, 125, 126, 65_535, 65_536])('writes the length of a frame of %i bytes', (length) => {
  expect(carriedLength(textFrame('x'.repeat(length)))).toBe(length);
});

it.each([0, 1, 125, 126, 65_535, 65_536])('frames a payload of %d bytes in parts as in one piece', (length) => {
  const payload = Buffer.alloc(length, 'x');
  expect(Buffer.concat(textParts('é{', payload, '}'))).toEqual(textFrame('é{', payload, '}'));
});
