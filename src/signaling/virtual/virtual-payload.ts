import { checkLimit } from '../../common/check-limit.js';
import { DomainError } from '../../common/domain-error.js';
import { RawJson } from '../../common/raw-json.js';
import type { Signal } from '../../common/signal.js';

/** The type of JSON.stringify hides that it returns undefined for functions and symbols. */
const stringify: (value: unknown) => string | undefined = JSON.stringify;

/**
 * Returns the payload of a signal for a value of the application; undefined for undefined.
 * @throws DomainError INVALID_REQUEST if the value has no JSON form; LIMIT_REACHED if it is larger than `maxBytes`
 */
export function payloadFor(value: unknown, maxBytes: number): RawJson | undefined {
  if (value === undefined) return undefined;
  const payload = RawJson.ofText(textOf(value));
  checkLimit('bytes of a message', maxBytes, payload.bytes.length);
  return payload;
}

/** Returns the parsed payload of a signal, with its binary parts in the place of their placeholders. */
export function valueOf({ payload, attachments }: Pick<Signal, 'payload' | 'attachments'>): unknown {
  if (!payload) return undefined;
  if (!attachments) return payload.parse();
  return JSON.parse(payload.toString(), (_, value: unknown) => partOf(value, attachments) ?? value);
}

function textOf(value: unknown): string {
  let text: string | undefined;
  try {
    text = stringify(value);
  } catch (cause) {
    // A circular value, a BigInt, a value that is nested too deeply, or an error of the value's own `toJSON`.
    throw new DomainError('INVALID_REQUEST', { reason: 'the payload has no JSON form' }, { cause });
  }
  if (text === undefined) throw new DomainError('INVALID_REQUEST', { reason: 'the payload has no JSON form' });
  return text;
}

/** Returns the binary part that a value stands for, as socket.io writes it. */
function partOf(value: unknown, parts: readonly Buffer[]): Buffer | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { _placeholder: isPlaceholder, num } = value as { readonly _placeholder?: unknown; readonly num?: unknown };
  return isPlaceholder === true && typeof num === 'number' ? parts[num] : undefined;
}
