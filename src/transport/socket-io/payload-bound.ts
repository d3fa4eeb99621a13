import type { Transport } from 'engine.io';

/** Packets of one request. Clients send a few; the rate bounds them, but only when all of them have been taken apart. */
const MAX_PACKETS = 10_000;

/** Stands between two packets. */
const SEPARATOR = '\x1e';
/** The same in the old protocol, where a length stands before each packet. */
const END_OF_LENGTH = ':';
const END_OF_BINARY_LENGTH = 0xff;

const OLD_PROTOCOL = 3;

/** A payload that no parser can read. */
const UNREADABLE = '';

type Payload = string | Buffer;

interface Parser {
  decodePayload(payload: Payload, ...rest: unknown[]): unknown;
}

/** Makes a transport take a payload of very many packets for one that it cannot read: its parser would hold the event loop. */
export function boundPayloads(transport: Transport): Transport {
  // Not public.
  const polling = transport as unknown as { parser: Parser; readonly protocol: number };
  const { parser, protocol } = polling;
  const decodePayload: Parser['decodePayload'] = (payload, ...rest) => {
    return parser.decodePayload(hasTooMany(payload, protocol) ? UNREADABLE : payload, ...rest);
  };
  polling.parser = { ...parser, decodePayload };
  return transport;
}

function hasTooMany(payload: Payload, protocol: number): boolean {
  let at = 0;
  for (let count = 0; count < MAX_PACKETS; count++) {
    const next = nextPacket(payload, protocol, at);
    if (next === undefined) return false;
    at = next;
  }
  return true;
}

/** Where the packet behind the one at a place begins, at the earliest; undefined if nothing is read behind that one. */
function nextPacket(payload: Payload, protocol: number, at: number): number | undefined {
  const mark = protocol === OLD_PROTOCOL ? END_OF_LENGTH : SEPARATOR;
  const end = typeof payload === 'string' ? payload.indexOf(mark, at) : payload.indexOf(END_OF_BINARY_LENGTH, at);
  if (end < 0) return undefined;
  if (typeof payload !== 'string' || protocol !== OLD_PROTOCOL) return end + 1;
  const length = Number(payload.slice(at, end));
  return length >= 0 ? end + 1 + length : undefined;
}
