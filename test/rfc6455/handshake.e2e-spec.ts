import { once } from 'node:events';
import { connect } from 'node:net';
import { UPGRADE } from '../support/raw-http.js';
import { startServer, type TestServer } from '../support/server.js';

const PATHS = [
  '/',
  '/peerjs?key=peerjs&id=raw&token=t',
  '/socket.io/?EIO=3&transport=websocket',
  '/socket.io/?EIO=4&transport=websocket',
];

const GOOD = { Host: 'localhost', ...UPGRADE };
type Headers = Partial<Record<string, string>>;

interface Case {
  readonly name: string;
  readonly status: number;
  readonly method?: string;
  readonly version?: string;
  readonly headers?: Headers;
  /** A header line of the response. */
  readonly answer?: string;
}

/** RFC 6455, 4.2.1. */
const CASES: readonly Case[] = [
  ...['OPTIONS', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'].map((method) => ({
    name: `the method ${method}`,
    method,
    status: 405,
    answer: 'Allow: GET',
  })),
  { name: 'HTTP/1.0', version: '1.0', status: 400 },
  { name: 'no Host', headers: { Host: undefined }, status: 400 },
  { name: 'an empty Host', headers: { Host: '' }, status: 400 },
  { name: 'two Hosts', headers: { Host: 'localhost\r\nHost: localhost' }, status: 400 },
  { name: 'no key', headers: { 'Sec-WebSocket-Key': undefined }, status: 400 },
  { name: 'a key of 15 bytes', headers: { 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAA' }, status: 400 },
  { name: 'a key of 17 bytes', headers: { 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAAA=' }, status: 400 },
  { name: 'a key that is not base64', headers: { 'Sec-WebSocket-Key': '-'.repeat(22) + '==' }, status: 400 },
  {
    name: 'two keys',
    headers: { 'Sec-WebSocket-Key': `${GOOD['Sec-WebSocket-Key']}\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==` },
    status: 400,
  },
  ...[undefined, '', '0', '7', '8', '14', '13.0', '0x0d', 'x', '13, 14'].map((version) => ({
    name: `the version ${version ?? 'left out'}`,
    headers: { 'Sec-WebSocket-Version': version },
    status: 400,
    answer: 'Sec-WebSocket-Version: 13',
  })),
  { name: 'nothing wrong', status: 101 },
  { name: 'other letter case', headers: { Connection: 'keep-alive, UPGRADE', Upgrade: 'WebSocket' }, status: 101 },
];

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});

afterAll(() => server.close());

describe.each(PATHS)('handshake at %s', (path) => {
  it.each(CASES)('responds with $status: $name', async ({ method = 'GET', version = '1.1', status, ...rest }) => {
    const lines = Object.entries<string | undefined>({ ...GOOD, ...rest.headers })
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}: ${value}\r\n`);
    const socket = connect(server.port, '127.0.0.1');
    socket.write(`${method} ${path} HTTP/${version}\r\n${lines.join('')}\r\n`);
    const answer = await new Promise<string>((resolve) => {
      socket.once('data', (bytes: Buffer) => resolve(bytes.toString()));
      socket.once('close', () => resolve('no answer'));
    });
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    if (rest.answer !== undefined) expect(answer).toContain(`\r\n${rest.answer}\r\n`);
    // The server itself closes a connection that it rejects.
    if (status === 101) socket.destroy();
    else if (!socket.closed) await once(socket, 'close');
  });
});
