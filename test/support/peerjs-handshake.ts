import { connect as connectTcp, type Socket } from 'node:net';
import { PeerJsSocket, type PeerJsSocketOptions, until } from './peerjs-socket.js';
import type { TestServer } from './server.js';

const error = (msg: string): string => `{"type":"ERROR","payload":{"msg":"${msg}"}}`;
export const MISSING = error('No id, token, or key supplied to websocket server');
export const WRONG_KEY = error('Invalid key provided');
export const FULL = error('Server has reached its concurrent user limit');
export const ID_TAKEN = '{"type":"ID-TAKEN","payload":{"msg":"ID is taken"}}';
export const OPEN = '{"type":"OPEN"}';

const sockets: Socket[] = [];

/** Closes all remaining TCP connections: for `afterEach`. */
export function hangUp(): void {
  for (const socket of sockets.splice(0)) socket.destroy();
}

export async function refusal(server: TestServer, options: PeerJsSocketOptions): Promise<string> {
  const socket = await PeerJsSocket.connect(server.wsUrl, options);
  const text = socket.textOf(await socket.next());
  await socket.closed;
  expect(socket.messages).toHaveLength(1);
  return text;
}

/** Returns the milliseconds until another client can claim an id. */
export async function untilFree(server: TestServer, id: string): Promise<number> {
  const since = performance.now();
  await until(async () => {
    const socket = await PeerJsSocket.connect(server.wsUrl, { id, token: 'somebody else' });
    return (await socket.next()).type === 'OPEN';
  });
  return performance.now() - since;
}

/** Builds a client frame. Its mask is zero, so that the text is readable. */
export function clientFrame(payload: string | Buffer, opcode = 1): Buffer {
  const bytes = Buffer.from(payload);
  const length = bytes.length < 126 ? [0x80 | bytes.length] : [0xfe, bytes.length >> 8, bytes.length & 0xff];
  return Buffer.concat([Buffer.from([0x80 | opcode, ...length, 0, 0, 0, 0]), bytes]);
}

/** A close frame with the code 1000. */
export const CLOSE = clientFrame(Buffer.from([3, 0xe8]), 8);

/** Opens a TCP connection, and sends an upgrade request followed by these frames. */
export function sendHandshake(server: TestServer, id: string, ...frames: Buffer[]): Socket {
  return sendRequest(server, `key=peerjs&id=${id}&token=t`, ...frames);
}

/** As above, with any query. */
export function sendRequest(server: TestServer, query: string, ...frames: Buffer[]): Socket {
  const socket = connectTcp({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
  sockets.push(socket);
  const request =
    `GET /peerjs?${query} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
  socket.write(Buffer.concat([Buffer.from(request), ...frames]));
  return socket;
}

export async function untilReceived(socket: Socket, text: string): Promise<string> {
  let received = '';
  socket.on('data', (chunk) => (received += chunk.toString('latin1')));
  await until(() => received.includes(text));
  return received;
}
