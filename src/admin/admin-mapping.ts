import { DomainError } from '../common/domain-error.js';
import { isGroupRoom } from '../common/group.js';
import { isObject } from '../common/is-object.js';
import { RawJson } from '../common/raw-json.js';
import type { Signal } from '../common/signal.js';

const MAX_TYPE_LENGTH = 256;

/** @param ms milliseconds since 1970 */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/**
 * Returns the signal for a message from the server. It reads the body as it was parsed, because conversion to a DTO
 * would alter the data.
 * @throws DomainError INVALID_REQUEST
 */
export function messageSignal(body: unknown): Omit<Signal, 'from'> {
  const { data, msgType = 'message', ...rest } = (isObject(body) ? body : {}) as Record<string, unknown>;
  if (data === undefined) throw invalid('data is missing');
  if (typeof msgType !== 'string' || msgType.length > MAX_TYPE_LENGTH) throw invalid('msgType must be a short text');
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw invalid(`property ${unknown} should not exist`);
  try {
    return { kind: 'message', type: msgType, payload: RawJson.of(data) };
  } catch (error) {
    if (error instanceof RangeError) throw invalid('data is nested too deeply');
    throw error;
  }
}

/** @throws DomainError ROOM_NOT_FOUND for the hidden room of a group */
export function visibleRoom(id: string): string {
  if (isGroupRoom(id)) throw new DomainError('ROOM_NOT_FOUND', { room: id });
  return id;
}

function invalid(reason: string): DomainError {
  return new DomainError('INVALID_REQUEST', { reason });
}
