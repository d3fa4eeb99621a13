import type { Goodbye } from '../../common/end-reason.js';

const NORMAL = 1000;
const POLICY_VIOLATION = 1008;
const SERVICE_RESTART = 1012;
const TRY_AGAIN_LATER = 1013;

/**
 * WebSocket close codes (RFC 6455, 7.4; 1012 and 1013 are registered with IANA). The code also decides whether the
 * client may reconnect by itself (`mayReconnect`).
 */
export const CLOSE_CODES: Readonly<Record<Goodbye, number>> = {
  'too slow': TRY_AGAIN_LATER,
  'memory exceeded': TRY_AGAIN_LATER,
  'message timeout': POLICY_VIOLATION,
  'rate exceeded': POLICY_VIOLATION,
  'login timeout': POLICY_VIOLATION,
  refused: POLICY_VIOLATION,
  expired: POLICY_VIOLATION,
  left: NORMAL,
  replaced: NORMAL,
  removed: POLICY_VIOLATION,
  'server shutdown': SERVICE_RESTART,
};

/** Maximum number of bytes of the reason in a close frame (RFC 6455, 5.5). */
const MAX_REASON_BYTES = 123;

/**
 * Returns the reason of a close frame: the words of an administrator, as far as they fit, or the reason's own name, if
 * clients are not promised another text.
 */
export function closeReason(reason: Goodbye, words?: string): string {
  if (words !== undefined) return shortened(words);
  return reason === 'expired' ? 'token expired' : reason;
}

/** Whether a client may reconnect by itself after its connection ended for this reason. */
export function mayReconnect(reason: Goodbye): boolean {
  const code = CLOSE_CODES[reason];
  return code === SERVICE_RESTART || code === TRY_AGAIN_LATER;
}

/** Cuts a text between two characters. */
function shortened(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= MAX_REASON_BYTES) return bytes.toString();
  let end = MAX_REASON_BYTES;
  // The bytes of a character behind its first one begin with the bits 10.
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
