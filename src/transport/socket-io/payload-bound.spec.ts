import { Server, type Transport } from 'engine.io';
import { boundPayloads } from './payload-bound.js';

const repeated = (text: string, times: number) => text.repeat(times);
const MANY = 200_000;
const FEW = 5000;

class Engine extends Server {
  /** How many packets of a payload a polling transport reads, those that say that it is broken not counted. */
  read(protocol: 3 | 4, payload: string | Buffer): number {
    const request = { _query: { EIO: String(protocol) } } as unknown as Parameters<Server['createTransport']>[1];
    const transport = boundPayloads(this.createTransport('polling', request));
    let packets = 0;
    transport.on('packet', ({ type }: { type: string }) => (packets += type === 'error' ? 0 : 1));
    (transport as Transport & { onData(data: unknown): void }).onData(payload);
    return packets;
  }
}

const engine = new Engine();

const PAYLOADS: [string, 3 | 4, (packets: number) => string | Buffer][] = [
  ['text', 4, (packets) => repeated('6\x1e', packets - 1) + '6'],
  ['base64', 4, (packets) => repeated('bAA==\x1e', packets - 1) + '6'],
  ['text with lengths', 3, (packets) => repeated('1:6', packets)],
  ['text of colons', 3, (packets) => repeated('2:4:', packets)],
  ['binary', 3, (packets) => Buffer.from(repeated('\x00\x01\xff6', packets), 'latin1')],
];

it.each(PAYLOADS)('reads few packets of %s (protocol %i), and none of too many', (_, protocol, payload) => {
  expect(engine.read(protocol, payload(FEW))).toBe(FEW);
  expect(engine.read(protocol, payload(MANY))).toBe(0);
});

it.each([
  ['lengths that are none', 3, repeated('x:', MANY)],
  ['negative lengths', 3, repeated('-1:', MANY)],
  ['a length beyond the end', 3, '9e999:6'],
  ['lengths of no digits', 3, Buffer.alloc(MANY, 0xff)],
] as const)('reads nothing of %s', (_, protocol, payload) => {
  expect(engine.read(protocol, payload)).toBe(0);
});

it('reads a large packet, whatever it holds', () => {
  const text = `4${repeated(':', MANY)}`;
  expect(engine.read(3, `${text.length}:${text}`)).toBe(1);
  expect(engine.read(4, text)).toBe(1);
});
