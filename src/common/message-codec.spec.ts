import type { BusMessage } from './message-bus.js';
import { decodeMessage, encodeMessage, joinMessages, splitMessages } from './message-codec.js';
import { RawJson } from './raw-json.js';

const message = (text: string, attachments?: readonly Buffer[]): BusMessage => ({
  version: 1,
  type: 'signal',
  realm: '',
  to: 'é"\ud800',
  node: 'a',
  mayWait: false,
  moves: 0,
  signal: { kind: 'message', from: 'b', payload: new RawJson(Buffer.from(text)), attachments },
});

describe('joinMessages and splitMessages', () => {
  it('restore all messages unchanged', () => {
    const messages = [
      message('{ "n" : 1.50 }'),
      message('"😀"', [Buffer.from([0, 255]), Buffer.alloc(0)]),
      message('x'.repeat(70_000)),
      { version: 1, type: 'gone', realm: 'r', id: 'i', node: 'n' } as const,
    ];
    expect(splitMessages(joinMessages(messages.map(encodeMessage))).map(decodeMessage)).toEqual(messages);
  });

  it.each([0, 1, 500])('accept %i messages', (count) => {
    const messages = Array.from({ length: count }, (_, i) => Buffer.from(`message ${i}`));
    expect(splitMessages(joinMessages(messages))).toEqual(messages);
  });
});
