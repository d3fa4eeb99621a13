import type { IncomingMessage } from 'node:http';
import { BESIDE_TOKEN, TOKEN_PREFIX } from '../common/subprotocols.js';

const BEARER = /^Bearer +([^\s,]+) *$/i;
const PARAMETER = 'access_token';

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
  if (!offered.includes(BESIDE_TOKEN)) return undefined;
  return offered.find((protocol) => isTokenProtocol(protocol))?.slice(TOKEN_PREFIX.length);
}

function queryToken(url: string): string | undefined {
  const start = url.indexOf('?');
  if (start === -1) return undefined;
  const token = new URLSearchParams(url.slice(start)).get(PARAMETER);
  return token === null || token === '' ? undefined : token;
}

function isTokenProtocol(protocol: string): boolean {
  return protocol.startsWith(TOKEN_PREFIX) && protocol.length > TOKEN_PREFIX.length;
}
