import { isName } from '../../clients/client-names.js';
import { checkLimit } from '../../common/check-limit.js';
import { DomainError } from '../../common/domain-error.js';
import type { Signal } from '../../common/signal.js';
import type { LimitOptions } from '../../config/sections/limit.options.js';
import type { SentKind, SentSignal } from './virtual-client.js';
import { payloadFor } from './virtual-payload.js';

const KINDS: readonly SentKind[] = ['offer', 'answer', 'candidate', 'message', 'leave', 'hangup', 'reject'];

/**
 * Returns the signal that an application sends as a virtual client. Programs in JavaScript may pass any values.
 * @param from id of the virtual client
 * @throws DomainError INVALID_REQUEST for a signal that is not valid, or whose payload has no JSON form; LIMIT_REACHED
 */
export function virtualSignal(sent: SentSignal, from: string, { maxFrameBytes, maxNameLength }: LimitOptions): Signal {
  const { kind, type, payload } = sent;
  check(sent);
  if (type !== undefined) checkLimit('characters of a type', maxNameLength, type.length);
  return { kind, from, type, payload: payloadFor(payload, maxFrameBytes) };
}

function invalid(reason: string): DomainError {
  return new DomainError('INVALID_REQUEST', { reason });
}

/** @throws DomainError INVALID_REQUEST */
function check({ kind, type, to, room }: { readonly [K in keyof SentSignal]?: unknown }): void {
  if (!(KINDS as readonly unknown[]).includes(kind)) {
    throw invalid(`kind must be one of the following values: ${KINDS.join(', ')}`);
  }
  if (type !== undefined && (typeof type !== 'string' || kind !== 'message')) {
    throw invalid('type must be a text, and belongs to a message');
  }
  if (isName(to) === isName(room)) throw invalid('either to or room must be given');
}
