import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Tracing } from '../tracing/tracing.js';
import { WebhookSender } from './webhook-sender.js';

const MESSAGE = { body: '{}', headers: {} };
const NEVER = new AbortController().signal;

describe('WebhookSender', () => {
  /** Answers each request on its bare connection. */
  let answer: (socket: Socket) => void;
  let server: Server;
  let sender: WebhookSender;
  let connections: number;

  beforeEach(async () => {
    connections = 0;
    server = createServer(({ socket }) => answer(socket));
    server.on('connection', () => connections++);
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    sender = new WebhookSender(url, true, await Tracing.create('a'));
  });
  afterEach(() => {
    sender.close();
    server.close();
    server.closeAllConnections();
  });

  const open = (): Promise<number> => {
    return new Promise((resolve) => void server.getConnections((_, count) => resolve(count)));
  };

  it('takes an answer 101 as a failure', async () => {
    answer = (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n');
    const outcome = await Promise.race([sender.send(MESSAGE, NEVER), sleep(3000, 'unsettled', { ref: false })]);
    expect(outcome).toMatchObject({ isDelivered: false, status: 101 });
  });

  it.each([
    ['never ends', (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx')],
    ['is too long', (socket: Socket) => socket.write(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(200_000)}`)],
  ])('needs one connection at a time if the body of the answers %s', async (_, write) => {
    answer = write;
    for (let n = 0; n < 3; n++) {
      await expect(sender.send(MESSAGE, NEVER)).resolves.toMatchObject({ isDelivered: true, status: 200 });
    }
    expect(await open()).toBeLessThanOrEqual(1);
  });

  it('keeps the connection for the next request', async () => {
    answer = (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    for (let n = 0; n < 3; n++) await sender.send(MESSAGE, NEVER);
    expect(connections).toBe(1);
  });
});
