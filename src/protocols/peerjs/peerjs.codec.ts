import { isUtf8 } from 'node:buffer';
import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import { JsonFrame } from '../../common/json-frame.js';
import type { Protocol } from '../../common/protocols.js';
import type { Signal, SignalKind } from '../../common/signal.js';
import type { DecodedFrame } from '../../transport/endpoint/endpoint-core.js';
import type { Frame } from '../../transport/websocket/text-frame.js';
import { PEERJS, PeerJsType, relayFrame, type RelayRequest } from './peerjs.messages.js';

/** The type of the frame for each kind of signal. PeerJS has none for `message` and `notice`. */
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

/** Translates between the frames of PeerJS and signals. */
@Injectable()
export class PeerJsCodec implements Protocol {
  readonly name = PEERJS;

  /**
   * Reads a frame. Binary frames count as text.
   * @throws DomainError INVALID_MESSAGE
   */
  decode(bytes: Buffer, isBinary: boolean): DecodedFrame {
    if (isBinary && !isUtf8(bytes)) throw new DomainError('INVALID_MESSAGE', { reason: 'not UTF-8' });
    const frame = parse(bytes);
    const { type, dst } = frame.value;
    if (typeof type !== 'string') throw new DomainError('INVALID_MESSAGE', { reason: 'no type' });
    return { event: type, body: { dst, payload: frame.raw('payload') } };
  }

  accepts({ kind, attachments }: Pick<Signal, 'kind' | 'attachments'>): boolean {
    return TYPE_OF[kind] !== undefined && !attachments;
  }

  /** Returns the signal for a relayed message. */
  signal(kind: SignalKind, from: string, { payload }: Pick<RelayRequest, 'payload'>): Signal {
    return { kind, from, payload };
  }

  /**
   * Returns the frame for a signal.
   * @param to id of the recipient
   */
  encodeSignal({ kind, from, payload }: Signal, to: string): Frame {
    const type = TYPE_OF[kind];
    if (type === undefined) throw new DomainError('UNSUPPORTED_BY_TARGET', { kind });
    return relayFrame(type, from, to, payload);
  }
}

function parse(bytes: Buffer): JsonFrame {
  try {
    return new JsonFrame(bytes);
  } catch (cause) {
    throw new DomainError('INVALID_MESSAGE', { reason: 'no JSON object' }, { cause });
  }
}
