import { isUtf8 } from 'node:buffer';
import { DomainError } from '../../common/domain-error.js';
import { JsonFrame } from '../../common/json-frame.js';
import type { Signal, SignalKind } from '../../common/signal.js';
import type { DecodedFrame } from '../../transport/endpoint/protocol-endpoint.js';
import type { Frame } from '../../transport/websocket/text-frame.js';
import { PeerJsType, relayFrame } from './peerjs.messages.js';

/** PeerJS's word for each kind of signal; for a `message` and a `notice` it has none. */
const TYPE_OF: Record<SignalKind, PeerJsType | undefined> = {
  offer: PeerJsType.Offer,
  answer: PeerJsType.Answer,
  candidate: PeerJsType.Candidate,
  leave: PeerJsType.Leave,
  hangup: PeerJsType.Leave,
  reject: PeerJsType.Leave,
  expire: PeerJsType.Expire,
  message: undefined,
  notice: undefined,
};

/**
 * Reads a frame; binary ones count as text.
 * @throws DomainError INVALID_MESSAGE
 */
export function decode(bytes: Buffer, isBinary: boolean): DecodedFrame {
  if (isBinary && !isUtf8(bytes)) throw new DomainError('INVALID_MESSAGE', { reason: 'not UTF-8' });
  const frame = parse(bytes);
  const { type, dst } = frame.value;
  if (typeof type !== 'string') throw new DomainError('INVALID_MESSAGE', { reason: 'no type' });
  return { event: type, body: { dst, payload: frame.raw('payload') } };
}

/** Whether there is a word for a signal. */
export function accepts({ kind, attachments }: Pick<Signal, 'kind' | 'attachments'>): boolean {
  return TYPE_OF[kind] !== undefined && !attachments;
}

/** The frame for a signal that goes to the client with this id. */
export function encodeSignal({ kind, from, payload }: Signal, dst: string): Frame {
  const type = TYPE_OF[kind];
  if (type === undefined) throw new DomainError('UNSUPPORTED_BY_TARGET', { kind });
  return relayFrame(type, from, dst, payload);
}

function parse(bytes: Buffer): JsonFrame {
  try {
    return new JsonFrame(bytes);
  } catch (cause) {
    throw new DomainError('INVALID_MESSAGE', { reason: 'no JSON object' }, { cause });
  }
}
