import type { IncomingMessage } from 'node:http';

/** The only version of the WebSocket protocol that is spoken here. */
const VERSION = '13';

/** 16 bytes in base64. */
const KEY = /^[+/0-9A-Za-z]{22}==$/;

/** An HTTP answer to a request that opens no WebSocket. */
export interface Refusal {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Checks the opening handshake of a client (RFC 6455, 4.2.1), whatever serves its path. Node has seen that the header
 * `Connection` names the upgrade.
 * @returns the answer to a request that breaks the rules; undefined for one that keeps them
 */
export function handshakeFault(request: IncomingMessage): Refusal | undefined {
  const { method, headers, headersDistinct, httpVersionMajor, httpVersionMinor } = request;
  if (method !== 'GET') return { status: 405, headers: { Allow: 'GET' } };
  if (httpVersionMajor < 1 || (httpVersionMajor === 1 && httpVersionMinor < 1)) return { status: 400 };
  // Several are an error of every request (RFC 9112, 3.2).
  if (!headers.host || headersDistinct.host?.length !== 1) return { status: 400 };
  if (!KEY.test(headers['sec-websocket-key'] ?? '')) return { status: 400 };
  if (headers['sec-websocket-version'] !== VERSION) {
    return { status: 400, headers: { 'Sec-WebSocket-Version': VERSION } };
  }
  return undefined;
}
