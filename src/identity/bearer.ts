import type { IncomingMessage } from 'node:http';

const BEARER = /^Bearer +([^\s,]+) *$/i;
const PARAMETER = 'access_token';

/** The subprotocol that the server selects if a client offers its token as another one. */
export const SUBPROTOCOL = 'signalbox';
const TOKEN_PROTOCOL = 'bearer.';

/**
 * Returns the token of a request: of the header `Authorization: Bearer`, of the WebSocket subprotocol `bearer.TOKEN`
 * offered beside `signalbox`, or of the query parameter `access_token`; the first one that there is.
 */
export function bearerOf({ headers, url = '' }: IncomingMessage): string | undefined {
  const authorization = BEARER.exec(headers.authorization ?? '')?.[1];
  return authorization ?? offeredToken(headers['sec-websocket-protocol']) ?? queryToken(url);
}

function offeredToken(header = ''): string | undefined {
  const offered = header.split(',').map((protocol) => protocol.trim());
  if (!offered.includes(SUBPROTOCOL)) return undefined;
  return offered.find((protocol) => isTokenProtocol(protocol))?.slice(TOKEN_PROTOCOL.length);
}

function queryToken(url: string): string | undefined {
  const start = url.indexOf('?');
  if (start === -1) return undefined;
  const token = new URLSearchParams(url.slice(start)).get(PARAMETER);
  return token === null || token === '' ? undefined : token;
}

function isTokenProtocol(protocol: string): boolean {
  return protocol.startsWith(TOKEN_PROTOCOL) && protocol.length > TOKEN_PROTOCOL.length;
}
