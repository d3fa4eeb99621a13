import { type DomainErrorCode, isDomainError } from '../../common/domain-error.js';
import { JsonFrame } from '../../common/json-frame.js';
import { RawJson } from '../../common/raw-json.js';
import type { Signal, SignalKind } from '../../common/signal.js';
import { EasyRtcCodec, type Emission, payloadOf } from './easyrtc.codec.js';
import { type Content, EASYRTC, EasyRtcMessage } from './easyrtc.messages.js';
import { nativeMembers } from './easyrtc.native.js';
import type { EasyRtcSession } from './easyrtc.session.js';

const { Authenticate, Command, Message } = EasyRtcMessage;
const codec = new EasyRtcCodec();

function codeOf(work: () => unknown): DomainErrorCode | undefined {
  try {
    work();
  } catch (error) {
    if (isDomainError(error)) return error.code;
    throw error;
  }
  return undefined;
}

function textOf({ head, payload, tail = '' }: Emission): string {
  return `${head}${payload?.toString() ?? ''}${tail}`;
}

describe('decode', () => {
  const answer = (): void => undefined;
  const session = { client: {}, isRefused: false } as EasyRtcSession;
  const read = (name: EasyRtcMessage, body: unknown) =>
    codec.decode({ name, body, bytes: 0, asksForAnswer: true, answer }, session)!;

  it.each([undefined, null, '', 'x', 5, true, [], {}, Buffer.from('x')])('reads a login of %p', (body) => {
    expect(read(Authenticate, body)).toEqual({
      event: 'easyrtcAuth',
      body: { msgType: undefined, msgData: undefined, answer },
    });
  });

  it('keeps only the named members of a login', () => {
    const body = { msgType: 'authenticate', msgData: { a: 1 }, answer: 'forged', extra: 1 };
    expect(read(Authenticate, body).body).toEqual({ msgType: 'authenticate', msgData: { a: 1 }, answer });
  });

  it.each(['offer', '', '__proto__', 'x.y'])('distinguishes commands by their type: %j', (msgType) => {
    const body = { msgType, msgData: { a: 1 }, targetEasyrtcid: 'x' };
    expect(read(Command, body)).toMatchObject({ event: `easyrtcCmd.${msgType}`, body });
  });

  it.each([undefined, null, 5, {}, ['offer']])('refuses commands of type %p', (msgType) => {
    expect(codeOf(() => read(Command, { msgType }))).toBe('UNKNOWN_EVENT');
  });

  it('does not validate messages', () => {
    for (const body of [{}, [], { msgType: 5 }]) {
      expect(read(Message, body)).toEqual({ event: 'easyrtcMsg', body: { ...body, content: {} } });
    }
  });

  it.each([Command, Message])(
    'forwards the data of a text %s unchanged, the last of several members with one name',
    (name) => {
      const text = '{"msgType":"offer","targetEasyrtcid":"x","msgData":1,"msg\\u0044ata":{ "n" : 1.50, "n":[]}}';
      const frame = new JsonFrame(Buffer.from(text));
      const { body } = codec.decode(
        { name, body: frame.value, frame, bytes: 0, asksForAnswer: true, answer },
        session,
      )!;
      const { content } = body as { content: Content };
      expect(content.payload?.toString()).toBe('{ "n" : 1.50, "n":[]}');
    },
  );

  it('ignores commands before the first login, and messages of other names', () => {
    const decode = (name: string) =>
      codec.decode({ name, body: {}, bytes: 0, asksForAnswer: true, answer }, { isRefused: false } as EasyRtcSession);
    expect([Command, Message, 'other'].map(decode)).toEqual([undefined, undefined, undefined]);
    expect(decode(Authenticate)?.event).toBe('easyrtcAuth');
  });

  it('ignores messages that ask for no answer', () => {
    const message = { name: Authenticate, body: {}, bytes: 0, asksForAnswer: false, answer };
    expect(codec.decode(message, session)).toBeUndefined();
  });

  it('refuses messages after a refused login', () => {
    const refused = { isRefused: true } as EasyRtcSession;
    for (const name of [Authenticate, Command, Message]) {
      expect(codeOf(() => codec.decode({ name, body: {}, bytes: 0, asksForAnswer: true, answer }, refused))).toBe(
        'NOT_AUTHORIZED',
      );
    }
  });

  it.each([undefined, null, '', 'x', 5, true])('refuses the command and the message %p', (body) => {
    for (const name of [Command, Message]) expect(codeOf(() => read(name, body))).toBe('INVALID_REQUEST');
  });
});

describe('payloadOf', () => {
  it.each([null, '', 'é\u2028"\\', 0, -1.5, true, [], {}, [[{}]], { a: { b: [null] } }])(
    'is the text of %j',
    (value) => {
      const { payload, attachments } = payloadOf(value);
      expect(payload?.toString()).toBe(JSON.stringify(value));
      expect(attachments).toBeUndefined();
    },
  );

  it('distinguishes undefined from null', () => {
    expect(payloadOf(undefined)).toEqual({});
  });

  it('extracts binary parts', () => {
    const { payload, attachments } = payloadOf({ a: Buffer.from('one'), b: ['[', Buffer.from('two')] });
    expect(attachments).toEqual([Buffer.from('one'), Buffer.from('two')]);
    expect(payload?.parse()).toEqual({ a: { _placeholder: true, num: 0 }, b: ['[', { _placeholder: true, num: 1 }] });
  });

  it('refuses deeply nested values', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(codeOf(() => payloadOf(deep))).toBe('INVALID_REQUEST');
  });
});

describe('nativeMembers', () => {
  it.each([
    [{}, '"msgType":"m\\""'],
    [{ targetRoom: 'r' }, '"targetRoom":"r","msgType":"m\\""'],
    [{ targetEasyrtcid: 'x', targetGroup: 'g' }, '"targetEasyrtcid":"x","targetGroup":"g","msgType":"m\\""'],
  ])('contain the target %j and the type', (target, text) => {
    expect(nativeMembers('m"', target)).toEqual({ protocol: EASYRTC, text });
  });

  it('contain no other members of a request', () => {
    const request = { targetRoom: 'r', msgData: 1, senderEasyrtcid: 'forged' };
    expect(nativeMembers('m', request)?.text).toBe('"targetRoom":"r","msgType":"m"');
  });
});

describe('encodeSignal', () => {
  const encoded = (signal: Signal): unknown => JSON.parse(textOf(codec.encodeSignal(signal, 'bob"')));
  const common = { easyrtcid: 'bob"', serverTime: expect.closeTo(Date.now(), -6) as number };
  const payload = new RawJson(Buffer.from('{ "n" : 1.50 }'));

  it.each(['offer', 'answer', 'candidate'] as const)('encodes %s as a command', (kind) => {
    expect(codec.encodeSignal({ kind, from: 'ann' }, 'bob').name).toBe(Command);
    expect(encoded({ kind, from: 'ann', payload })).toEqual({
      ...common,
      senderEasyrtcid: 'ann',
      msgType: kind,
      msgData: { n: 1.5 },
    });
    expect(textOf(codec.encodeSignal({ kind, from: 'ann', payload }, 'bob'))).toContain('"msgData":{ "n" : 1.50 },');
  });

  it.each([
    ['reject', 'reject'],
    ['hangup', 'hangup'],
    ['leave', 'hangup'],
  ] as const)('encodes %s as the command %s, without msgData', (kind, msgType) => {
    for (const signal of [
      { kind, from: 'ann' },
      { kind, from: 'ann', payload },
    ]) {
      expect(encoded(signal)).toEqual({ ...common, senderEasyrtcid: 'ann', msgType });
    }
  });

  it('names the target of a message from another protocol: a client or a room', () => {
    const message = {
      kind: 'message',
      from: 'ann',
      payload,
      native: { protocol: 'other', text: '"msgType":"x"' },
    } as const;
    const wanted = { ...common, senderEasyrtcid: 'ann', msgType: 'message', msgData: { n: 1.5 } };
    expect(codec.encodeSignal(message, 'bob').name).toBe(Message);
    expect(encoded(message)).toEqual({ ...wanted, targetEasyrtcid: 'bob"' });
    expect(encoded({ ...message, room: '"r"' })).toEqual({ ...wanted, targetRoom: '"r"' });
  });

  it('uses the type that an application gives', () => {
    const message = { kind: 'message', from: '', type: 'ad"', payload } as const;
    expect(encoded(message)).toEqual({ ...common, msgType: 'ad"', msgData: { n: 1.5 } });
    expect(encoded({ ...message, room: 'r' })).toEqual({ ...common, msgType: 'ad"', msgData: { n: 1.5 } });
  });

  it('keeps the native members of its own protocol', () => {
    const native = nativeMembers('greeting', { targetGroup: 'g' });
    expect(encoded({ kind: 'message', from: 'ann', room: 'r', native })).toEqual({
      ...common,
      senderEasyrtcid: 'ann',
      targetGroup: 'g',
      msgType: 'greeting',
    });
  });

  it('has no sender for messages from the server', () => {
    expect(encoded({ kind: 'notice', from: '', native: nativeMembers('forwardToUrl') })).toEqual({
      ...common,
      msgType: 'forwardToUrl',
    });
  });

  it('passes attachments on', () => {
    const { payload: text, attachments } = payloadOf(Buffer.from('bytes'));
    const emission = codec.encodeSignal({ kind: 'message', from: 'ann', payload: text, attachments }, 'bob');
    expect(emission.attachments).toEqual([Buffer.from('bytes')]);
  });

  it('refuses expire', () => {
    const kinds: SignalKind[] = ['offer', 'answer', 'candidate', 'message', 'leave', 'hangup', 'reject', 'notice'];
    expect(kinds.filter((kind) => codec.accepts({ kind }))).toEqual(kinds);
    expect(codec.accepts({ kind: 'expire' })).toBe(false);
    expect(codeOf(() => codec.encodeSignal({ kind: 'expire', from: 'ann' }, 'bob'))).toBe('UNSUPPORTED_BY_TARGET');
  });
});

describe('encodeRoomChanges', () => {
  const room = { realm: 'r', id: '__proto__', name: '', since: 0, version: 1, members: [] };

  it('makes a command without a sender, safe for any name', () => {
    const emission = codec.encodeRoomChanges([{ kind: 'ended', room }], 'bob')!;
    expect(emission.name).toBe(Command);
    expect(textOf(emission)).toMatch(/^\{"msgData":\{"roomData":\{"__proto__":\{"roomName":"__proto__","roomStatus":"leave"\}\}\},"msgType":"roomData","easyrtcid":"bob","serverTime":\d+\}$/); // prettier-ignore
  });

  it('is undefined for changes of the recipient itself', () => {
    expect(codec.encodeRoomChanges([{ kind: 'joined', client: 'bob', room }], 'bob')).toBeUndefined();
  });
});
