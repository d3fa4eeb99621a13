import type { Transport } from 'engine.io';

/**
 * Maximum number of packets in one request. Clients send a few. The rate bounds them, too, but only after all have been
 * parsed.
 */
const MAX_PACKETS = 10_000;

/** Separates packets. */
const SEPARATOR = '\x1e';
/** Ends the length before each packet of the old protocol. */
const END_OF_LENGTH = ':';
const END_OF_BINARY_LENGTH = 0xff;

const OLD_PROTOCOL = 3;

/** A payload that no parser can read. */
const UNREADABLE = '';

type Payload = string | Buffer;

interface Parser {
  decodePayload(payload: Payload, ...rest: unknown[]): unknown;
}

/** Makes a polling transport reject payloads with too many packets, whose parsing would block the event loop. */
export function boundPayloads(transport: Transport): Transport {
  // The parser is not public.
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

/** Returns the earliest start of the packet behind the one at `at`; undefined if the parser reads no further. */
function nextPacket(payload: Payload, protocol: number, at: number): number | undefined {
  const mark = protocol === OLD_PROTOCOL ? END_OF_LENGTH : SEPARATOR;
  const end = typeof payload === 'string' ? payload.indexOf(mark, at) : payload.indexOf(END_OF_BINARY_LENGTH, at);
  if (end < 0) return undefined;
  if (typeof payload !== 'string' || protocol !== OLD_PROTOCOL) return end + 1;
  const length = Number(payload.slice(at, end));
  return length >= 0 ? end + 1 + length : undefined;
}
