import type { Goodbye } from '../../common/end-reason.js';

/** The WebSocket close code that tells a client why its connection ends (RFC 6455, 7.4; 1012 and 1013 by IANA). */
export const CLOSE_CODES: Record<Goodbye, number> = {
  'too slow': 1013,
  'memory exceeded': 1013,
  'message timeout': 1008,
  'rate exceeded': 1008,
  'login timeout': 1008,
  refused: 1008,
  left: 1000,
  replaced: 1000,
  removed: 1008,
  'server shutdown': 1012,
};
