import type { IncomingMessage } from 'node:http';

/** The only supported version of the WebSocket protocol. */
const VERSION = '13';

/** 16 bytes in base64. */
const KEY = /^[+/0-9A-Za-z]{22}==$/;

/** The HTTP answer to a handshake that fails. */
export interface Refusal {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Checks the opening handshake of a client (RFC 6455, 4.2.1), for all routes. Node has already checked that the header
 * `Connection` names the upgrade.
 * @returns the answer to an invalid handshake; undefined for a valid one
 */
export function handshakeFault(request: IncomingMessage): Refusal | undefined {
  const { method, headers, httpVersionMajor, httpVersionMinor } = request;
  if (method !== 'GET') return { status: 405, headers: { Allow: 'GET' } };
  if (httpVersionMajor < 1 || (httpVersionMajor === 1 && httpVersionMinor < 1)) return { status: 400 };
  // No request may have several Host headers (RFC 9112, 3.2).
  if (!headers.host || hostsOf(request) !== 1) return { status: 400 };
  if (!KEY.test(headers['sec-websocket-key'] ?? '')) return { status: 400 };
  if (headers['sec-websocket-version'] !== VERSION) {
    return { status: 400, headers: { 'Sec-WebSocket-Version': VERSION } };
  }
  return undefined;
}

/** Returns the number of Host headers. `headersDistinct` would build an object of all headers for each connection. */
function hostsOf({ rawHeaders }: IncomingMessage): number {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) if (rawHeaders[i]!.toLowerCase() === 'host') hosts++;
  return hosts;
}
