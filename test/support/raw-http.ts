import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { until } from './peerjs-socket.js';
import { atTeardown } from './teardown.js';

/** The headers of a WebSocket handshake. */
export const UPGRADE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

const sockets = new Set<Socket>();

/** Closes all connections of `dial` before the test ends. */
export function hangUpAll(): void {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
}

/** Opens a TCP connection for hand-written HTTP. It is not read until a listener is added. */
export async function dial(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host });
  sockets.add(socket);
  atTeardown(() => socket.destroy());
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Builds a request without a body. */
export function requestOf(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): string {
  const lines = Object.entries({ Host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** Writes requests at once. Resolves with the status of each response. */
export async function statusesOf(socket: Socket, requests: readonly string[]): Promise<number[]> {
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString('latin1')));
  socket.write(requests.join(''));
  const statuses = () => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  await until(() => statuses().length >= requests.length || socket.destroyed, 10_000);
  return statuses();
}
