import { type DomainErrorCode, isDomainError } from '../../common/domain-error.js';
import { RawJson } from '../../common/raw-json.js';
import type { Room, RoomChange } from '../../common/room.js';
import type { Signal, SignalKind } from '../../common/signal.js';
import type { Frame } from '../../transport/websocket/text-frame.js';
import { ConnectorCodec } from './connector.codec.js';
import { CONNECTOR, ConnectorEvent, type ConnectRequest, type RelayRequest } from './connector.messages.js';

const RELAYED = [ConnectorEvent.Offer, ConnectorEvent.Answer, ConnectorEvent.Candidate, ConnectorEvent.Message];
const ROOM: Room = {
  realm: 'r',
  id: '"1"',
  name: 'n',
  creator: 'b',
  since: 1,
  members: [
    { id: 'b', node: 'x', joinedAt: 1 },
    { id: 'a', node: 'y', joinedAt: 2 },
  ],
  version: 2,
};

describe('ConnectorCodec', () => {
  const codec = new ConnectorCodec();

  const decode = (text: string) => codec.decode(Buffer.from(text), false);
  const decodeRelayed = (text: string) => decode(text).body as RelayRequest;

  /** The text of a frame, without the header of a text frame that no mask is on. */
  function textOf(frame: Frame): string {
    const [first, second = 0] = frame;
    expect(first).toBe(0x81);
    const headerLength = second < 126 ? 2 : second === 126 ? 4 : 10;
    return frame.toString('utf8', headerLength);
  }

  const valueOf = (frame: Frame) => JSON.parse(textOf(frame)) as Record<string, unknown>;

  function refusal(work: () => unknown): { code: DomainErrorCode; data: unknown } {
    try {
      work();
    } catch (error) {
      if (isDomainError(error)) return { code: error.code, data: error.data };
      throw error;
    }
    throw new Error('nothing was thrown');
  }

  const envelope = (type: string, event: string, data: unknown) => ({
    type,
    event,
    data,
    timestamp: expect.any(String) as string,
    message_id: expect.any(String) as string,
  });

  describe('decode', () => {
    it.each(Object.values(ConnectorEvent))('recognises %s in any case', (event) => {
      for (const name of [event, event.toLowerCase(), event.toUpperCase()]) {
        expect(decode(`{"event":"${name}"}`).event).toBe(event);
      }
    });

    it.each(['Create_Rom', 'create_rom', 'CREATE_ROM'])('reads %s as Create_Room', (name) => {
      expect(decode(`{"event":"${name}"}`).event).toBe(ConnectorEvent.CreateRoom);
    });

    it.each(Object.values(ConnectorEvent).filter((event) => event.endsWith('_Room')))(
      'hands out %s as it is',
      (event) => {
        const request = { event, to: 'x', data: { room: 'y', sdp: [1] }, more: null };
        expect(decode(JSON.stringify(request)).body).toEqual(request);
      },
    );

    it('returns the two members of the data of a Connect as text', () => {
      const data = '{"candidate": 1.0, "x":1, "sdp":1, "s\\u0064p":[1e400]}';
      const { to, payload } = decode(`{"event":"Connect","data":${data},"to":"t"}`).body as ConnectRequest;
      expect([to, payload.toString()]).toEqual(['t', '{"sdp":[1e400],"candidate":1.0}']);
    });

    it.each(['null', '1', '[]', '{}', '{"sdp":1}', '{"candidate":1}'])('returns no such text for %s', (data) => {
      const body = decode(`{"event":"Connect","data":${data},"to":"t"}`).body;
      expect(body).toMatchObject({ to: 't', data: JSON.parse(data) as unknown });
      expect((body as Partial<ConnectRequest>).payload).toBeUndefined();
    });

    it.each(RELAYED)('returns the relayed members of %s as text', (event) => {
      const text = `{ "n" : 1.0, "event":"${event}", "from":"x", "to":"t", "room":"r", "data": [1e400, "é"] , "":{}}`;
      const { to, payload, members, ...rest } = decodeRelayed(text);
      expect({ to, members, rest }).toEqual({
        to: 't',
        members: `"event":"${event}","n":1.0,"":{}`,
        rest: { room: 'r' },
      });
      expect(payload?.toString()).toBe('[1e400, "é"]');
    });

    it('keeps the spelling of the event', () => {
      expect(decodeRelayed('{"event":"mESSAge"}').members).toBe('"event":"mESSAge"');
    });

    it('uses the last of several members with one name, escaped or not', () => {
      const text =
        '{"event":"Offer","ev\\u0065nt":"Message","to":1,"t\\u006f":"t","data":1,"d\\u0061ta":2,"x":1,"\\u0078":2.0}';
      const { event, body } = decode(text);
      const { to, payload, members } = body as RelayRequest;
      expect([event, to, payload?.toString(), members]).toEqual(['Message', 't', '2', '"event":"Message","x":2.0']);
    });

    it('does not forward members that look like the sender or the target', () => {
      const text = '{"event":"Offer","fr\\u006fm":"x","from":{},"\\u0074o":"x","to":"t","r\\u006fom":"x","FROM":"y"}';
      expect(decodeRelayed(text).members).toBe('"event":"Offer","FROM":"y"');
    });

    it('forwards members with the names of object properties', () => {
      const text = '{"__proto__":{"to":"x"},"constructor":1.0,"toString":null,"\\"":"}","event":"Offer"}';
      const { to, members } = decodeRelayed(text);
      expect(to).toBeUndefined();
      expect(members).toBe('"event":"Offer","__proto__":{"to":"x"},"constructor":1.0,"toString":null,"\\"":"}"');
    });

    it('distinguishes null data from no data', () => {
      expect(decodeRelayed('{"event":"Offer","data":null}').payload?.toString()).toBe('null');
      expect(decodeRelayed('{"event":"Offer","x":{"data":1}}').payload).toBeUndefined();
    });

    it.each([
      ['', /JSON/],
      ['{"event":"Offer"', /JSON/],
      ['\ufeff{"event":"Offer"}', /JSON/],
      ['null', /object/],
      ['["Offer"]', /object/],
      ['"Offer"', /object/],
      ['{}', /event/],
      ['{"event":null}', /event/],
      ['{"event":["Offer"]}', /event/],
      ['{"__proto__":{"event":"Offer"}}', /event/],
    ])('refuses %j', (text, reason) => {
      const data = { reason: expect.stringMatching(reason) as string };
      expect(refusal(() => decode(text))).toEqual({ code: 'INVALID_MESSAGE', data });
    });

    it('refuses every binary frame', () => {
      const data = { reason: expect.stringMatching(/text/) as string };
      const binary = Buffer.from('{"event":"Offer"}');
      expect(refusal(() => codec.decode(binary, true))).toEqual({ code: 'INVALID_MESSAGE', data });
    });

    it.each(['', 'Offer ', '__proto__', 'constructor', 'Room_Created'])('refuses the event %j', (event) => {
      expect(refusal(() => decode(JSON.stringify({ event })))).toEqual({ code: 'UNKNOWN_EVENT', data: { event } });
    });
  });

  describe('encodeSignal', () => {
    const relay = (text: string, more: Partial<Signal> = {}) =>
      textOf(codec.encodeSignal({ ...codec.signal('message', 'me', decodeRelayed(text)), ...more }));

    it('returns the decoded frame, with the sender instead of the target', () => {
      expect(relay('{"n":1.0,"event":"MESSAGE","from":"you","to":"t","data":[1e400, "é"]}')).toBe(
        '{"event":"MESSAGE","n":1.0,"from":"me","data":[1e400, "é"]}',
      );
      expect(relay('{"event":"Message","to":"t"}')).toBe('{"event":"Message","from":"me"}');
    });

    it('names the room of a message', () => {
      const text = relay('{"event":"Message","room":"x","data":{"room":"y"}}', { room: '"1"' });
      expect(text).toBe('{"event":"Message","from":"me","room":"\\"1\\"","data":{"room":"y"}}');
    });

    it.each([10, 100, 1000, 100_000])('carries %d bytes of data', (length) => {
      const data = JSON.stringify('é'.repeat(length / 2));
      expect(relay(`{"event":"Message","data":${data}}`)).toBe(`{"event":"Message","from":"me","data":${data}}`);
    });

    it('encodes a Connect as an envelope', () => {
      const data = { sdp: { type: 'offer' }, candidate: null };
      const frame = codec.encodeSignal(codec.connectSignal('me', RawJson.of(data)));
      expect(valueOf(frame)).toEqual(envelope('info', 'Offer', { event: 'Offer', from: 'me', data }));
    });

    const EVENT_OF: Record<SignalKind, string> = {
      offer: 'Offer',
      answer: 'Answer',
      candidate: 'Candidate',
      message: 'Message',
      leave: 'Leave',
      hangup: 'Hangup',
      reject: 'Reject',
      expire: 'Expire',
      notice: 'Notice',
    };
    const KINDS = Object.entries(EVENT_OF) as [SignalKind, string][];

    it.each(KINDS)('encodes %s from another protocol', (kind, event) => {
      const native = { protocol: 'other', text: '"event":"x","from":"y"' };
      for (const signal of [
        { kind, from: '"me"' },
        { kind, from: '"me"', native },
      ]) {
        expect(textOf(codec.encodeSignal(signal))).toBe(`{"event":"${event}","from":"\\"me\\""}`);
        const more = { payload: new RawJson(Buffer.from('[1.0]')), room: 'r' };
        expect(textOf(codec.encodeSignal({ ...signal, ...more }))).toBe(
          `{"event":"${event}","from":"\\"me\\"","room":"r","data":[1.0]}`,
        );
      }
    });

    it('does not treat the native text of another protocol as a Connect', () => {
      const signal: Signal = { kind: 'offer', from: 'me', native: { protocol: 'other', text: 'Connect' } };
      expect(textOf(codec.encodeSignal(signal))).toBe('{"event":"Offer","from":"me"}');
    });

    it.each(RELAYED)('keeps the event %s', (event) => {
      const kind = event.toLowerCase() as SignalKind;
      const signal = codec.signal(kind, 'me', decodeRelayed(`{"event":"${event}","data":1}`));
      expect(signal).toMatchObject({ kind, from: 'me', native: { protocol: CONNECTOR } });
      expect(valueOf(codec.encodeSignal(signal))).toEqual({ event, from: 'me', data: 1 });
    });
  });

  describe('encodeRoomChange', () => {
    const CHANGES: [RoomChange['kind'], string][] = [
      ['joined', 'Client_Added'],
      ['left', 'Client_Removed'],
      ['ended', 'Room_Deleted'],
    ];

    it.each(CHANGES)('encodes %s once for all members', (kind, event) => {
      const change: RoomChange = { kind, client: 'a', room: ROOM };
      const frame = codec.encodeRoomChange(change)!;
      expect(valueOf(frame)).toEqual(envelope('update', event, { clients: ['b', 'a'], name: 'n', room: '"1"' }));
      expect(codec.encodeRoomChange(change)).toBe(frame);
      expect(codec.encodeRoomChange({ ...change })).not.toBe(frame);
    });

    it('has no frame for attributes of rooms', () => {
      expect(codec.encodeRoomChange({ kind: 'updated', room: ROOM })).toBeUndefined();
    });
  });
});
