import { type DomainErrorCode, isDomainError } from '../../common/domain-error.js';
import { RawJson } from '../../common/raw-json.js';
import type { SignalKind } from '../../common/signal.js';
import { PeerJsCodec } from './peerjs.codec.js';

const codec = new PeerJsCodec();

const read = (text: string, isBinary = false): { event: string; dst: unknown; payload?: string } => {
  const { event, body } = codec.decode(Buffer.from(text), isBinary);
  const { dst, payload } = body as { dst: unknown; payload?: RawJson };
  return { event, dst, payload: payload?.toString() };
};

function codeOf(work: () => unknown): DomainErrorCode | undefined {
  try {
    work();
  } catch (error) {
    if (isDomainError(error)) return error.code;
    throw error;
  }
  return undefined;
}

describe('decode', () => {
  it.each([false, true])('reads type, dst and the text of the payload (binary: %s)', (isBinary) => {
    expect(read('{"type":"OFFER","dst":"bob","payload":{ "n" : 1.50 },"src":"x"}', isBinary)).toEqual({
      event: 'OFFER',
      dst: 'bob',
      payload: '{ "n" : 1.50 }',
    });
  });

  it.each(['null', '0', '""', 'false', '[]', '"é"'])('distinguishes the payload %s from no payload', (payload) => {
    expect(read(`{"type":"OFFER","payload":${payload}}`).payload).toBe(payload);
    expect(read('{"type":"OFFER"}').payload).toBeUndefined();
  });

  it('does not validate types and dst', () => {
    expect(read('{"type":"__proto__","dst":{"a":1}}')).toEqual({ event: '__proto__', dst: { a: 1 } });
  });

  it('reads no members of a prototype', () => {
    expect(codeOf(() => read('{"__proto__":{"type":"OFFER"}}'))).toBe('INVALID_MESSAGE');
  });

  it.each(['', '{', 'null', '[]', '1', '"a"', '{}', '{"type":1}', '{"type":null}', '{"type":["OFFER"]}'])(
    'refuses %j',
    (text) => {
      expect(codeOf(() => read(text))).toBe('INVALID_MESSAGE');
      expect(codeOf(() => read(text, true))).toBe('INVALID_MESSAGE');
    },
  );

  it('refuses binary frames that are not UTF-8', () => {
    const bytes = Buffer.from('{"type":"OFFER","payload":"\xff"}', 'latin1');
    expect(codeOf(() => codec.decode(bytes, true))).toBe('INVALID_MESSAGE');
  });
});

describe('encodeSignal', () => {
  const TYPES: [SignalKind, string][] = [
    ['offer', 'OFFER'],
    ['answer', 'ANSWER'],
    ['candidate', 'CANDIDATE'],
    ['leave', 'LEAVE'],
    ['hangup', 'LEAVE'],
    ['reject', 'LEAVE'],
    ['expire', 'EXPIRE'],
  ];
  /** The text of a frame that is shorter than 126 bytes. */
  const textOf = (frame: Buffer): string => frame.toString('utf8', 2);

  it.each(TYPES)('encodes %s as %s', (kind, type) => {
    expect(codec.accepts({ kind })).toBe(true);
    expect(textOf(codec.encodeSignal({ kind, from: 'alice' }, 'bob'))).toBe(
      `{"type":"${type}","src":"alice","dst":"bob"}`,
    );
  });

  it('refuses message', () => {
    expect(codec.accepts({ kind: 'message' })).toBe(false);
    expect(codeOf(() => codec.encodeSignal({ kind: 'message', from: 'alice' }, 'bob'))).toBe('UNSUPPORTED_BY_TARGET');
  });

  it('keeps the payload unchanged', () => {
    const payload = new RawJson(Buffer.from('{ "n" : 1.50 }'));
    expect(textOf(codec.encodeSignal({ kind: 'offer', from: 'alice', payload }, 'bob'))).toBe(
      '{"type":"OFFER","src":"alice","dst":"bob","payload":{ "n" : 1.50 }}',
    );
  });

  it('leaves out the native members of another protocol, and rooms', () => {
    const native = { protocol: 'other', text: '"a":1' };
    expect(textOf(codec.encodeSignal({ kind: 'offer', from: 'alice', room: 'r', native }, 'bob'))).toBe(
      '{"type":"OFFER","src":"alice","dst":"bob"}',
    );
  });

  it.each(['quote"', 'back\\slash', 'line\nfeed', '__proto__', '😀'])('writes the id %j as JSON', (id) => {
    const text = textOf(codec.encodeSignal({ kind: 'offer', from: id }, id));
    expect(JSON.parse(text)).toEqual({ type: 'OFFER', src: id, dst: id });
  });
});
