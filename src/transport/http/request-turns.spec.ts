import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { TokenBucket } from '../bounds/token-bucket.js';
import { RequestTurns } from './request-turns.js';

describe('RequestTurns', () => {
  let turns: RequestTurns;
  let http: Server;
  let client: Socket;
  let peer: Socket;
  let begun: string[];
  let most: number;
  let underWay: number;
  let budget: TokenBucket | undefined;

  beforeEach(async () => {
    turns = new RequestTurns();
    [begun, most, underWay, budget] = [[], 0, 0, undefined];
    http = createServer((request: IncomingMessage, response: ServerResponse) => {
      const isShort = request.url!.startsWith('/short');
      const work = () => {
        begun.push(request.url!);
        most = Math.max(most, ++underWay);
        response.on('close', () => underWay--);
        setImmediate(() => response.end(request.url));
      };
      turns.add({ socket: request.socket, response, isShort, budget: () => budget, work });
    }).listen(0, '127.0.0.1');
    await once(http, 'listening');
    const connected = once(http, 'connection') as Promise<[Socket]>;
    client = connect((http.address() as AddressInfo).port, '127.0.0.1');
    [peer] = await connected;
  });

  afterEach(async () => {
    client.destroy();
    await turns.drained();
    http.close();
  });

  /** Writes requests in one piece; resolves with the bodies of as many answers. */
  async function answersTo(paths: readonly string[]): Promise<string[]> {
    let text = '';
    client.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''));
    const bodies = () => [...text.matchAll(/\r\n\r\n(?:[0-9a-f]+\r\n)?(\/[a-z]+[0-9]+)/g)].map(([, body = '']) => body);
    while (bodies().length < paths.length) text += String((await once(client, 'data'))[0]);
    return bodies();
  }

  it('begins one long answer of a connection at a time, in order', async () => {
    const paths = Array.from({ length: 300 }, (_, i) => `/long${i}`);
    expect(await answersTo(paths)).toEqual(paths);
    expect(begun).toEqual(paths);
    expect(most).toBe(1);
  });

  it('begins sixteen short ones at a time, in order', async () => {
    const paths = Array.from({ length: 300 }, (_, i) => `/short${i}`);
    expect(await answersTo(paths)).toEqual(paths);
    expect(begun).toEqual(paths);
    expect(most).toBe(16);
  });

  it('keeps the order of long and short answers', async () => {
    const paths = Array.from({ length: 100 }, (_, i) => (i % 3 ? `/short${i}` : `/long${i}`));
    expect(await answersTo(paths)).toEqual(paths);
    expect(begun).toEqual(paths);
  });

  it("answers at the rate of the address's budget, in order", async () => {
    // 100 short answers cost 400 tokens.
    budget = new TokenBucket({ framesPerSecond: 1000, frameBurst: 100 }, performance.now());
    const startedAt = performance.now();
    const paths = Array.from({ length: 100 }, (_, i) => `/short${i}`);
    expect(await answersTo(paths)).toEqual(paths);
    expect(performance.now() - startedAt).toBeGreaterThan(250);
  });

  it('answers all waiting requests of an address in debt at once when the server drains', async () => {
    budget = new TokenBucket({ framesPerSecond: 1, frameBurst: 1 }, performance.now());
    const paths = Array.from({ length: 20 }, (_, i) => `/short${i}`);
    const answers = answersTo(paths);
    await once(client, 'data');
    await turns.drained();
    expect(await answers).toEqual(paths);
  });

  it('forgets a connection that is lost while its address is in debt', async () => {
    budget = new TokenBucket({ framesPerSecond: 10, frameBurst: 1 }, performance.now());
    client.write('GET /short0 HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(20));
    await once(client, 'data');
    client.destroy();
    await once(peer, 'close');
    await turns.drained();
    expect(begun).toEqual(['/short0']);
  });

  it('forgets a connection that is lost while requests wait', async () => {
    const first = once(http, 'request');
    client.write('GET /long0 HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(20));
    await first;
    client.destroy();
    await turns.drained();
    expect(begun.length).toBeLessThan(20);
  });
});
