import { request as httpRequest } from 'node:http';
import type { Config } from '../../../src/config/config.js';
import { UPGRADE } from '../../support/raw-http.js';
import { startServer, type TestServer } from '../../support/server.js';

const HOSTS = ['signal.example', 'B\u00fccher.example:8443', 'tls.example:443'];
const CORS = ['https://ours.example'];

describe('the option hosts', () => {
  let server: TestServer;

  const start = async (options: Partial<Config>): Promise<void> => void (server = await startServer(options));
  /** Resolves with the status of the answer; 101 for a WebSocket. */
  function ask(path: string, headers: Record<string, string>): Promise<number> {
    return new Promise((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port: server.port, path, headers });
      request.on('response', (response) => resolve(response.resume().statusCode ?? 0));
      request.on('upgrade', (response, socket) => {
        socket.destroy();
        resolve(response.statusCode ?? 0);
      });
      request.on('error', reject).end();
    });
  }

  /** The statuses of a page, a PeerJS request, a poll, and a WebSocket of each protocol. */
  const statuses = (headers: Record<string, string>): Promise<number[]> =>
    Promise.all([
      ask('/demo', headers),
      ask('/peerjs/id', headers),
      ask('/socket.io/?EIO=4&transport=polling', headers),
      ask('/', { ...headers, ...UPGRADE }),
      ask('/peerjs?key=peerjs&id=a&token=t', { ...headers, ...UPGRADE }),
      ask('/socket.io/?EIO=4&transport=websocket', { ...headers, ...UPGRADE }),
    ]);

  const SERVED = [200, 200, 200, 101, 101, 101];

  it.each([
    ['signal.example'],
    ['signal.example:9000'],
    ['SIGNAL.example.'],
    ['xn--bcher-kva.example:8443'],
    ['tls.example'],
    ['tls.example:443'],
    ['127.0.0.1:9000'],
    ['[::1]:9000'],
    ['localhost:9000'],
  ])('accepts requests for a name of the server, an address or localhost: %s', async (Host) => {
    await start({ hosts: HOSTS });
    expect(await statuses({ Host })).toEqual(SERVED);
  });

  it.each([
    ['evil.example'],
    ['evil.example:9000'],
    ['x.signal.example'],
    ['signal.example.evil.example'],
    ['xn--bcher-kva.example'],
    ['xn--bcher-kva.example:9000'],
    ['tls.example:9000'],
    ['127.0.0.1.evil.example'],
    ['localhost.evil.example'],
    ['signal.example@evil.example'],
    ['signal.example/'],
    ['a b'],
  ])('rejects requests for another name: %s', async (Host) => {
    await start({ hosts: HOSTS });
    expect(new Set(await statuses({ Host }))).toEqual(new Set([421]));
  });

  it('treats only pages on names of the server as its own if a list of origins is set', async () => {
    await start({ hosts: HOSTS, cors: CORS });
    const status = (Origin: string, Host: string) => ask('/', { Host, Origin, ...UPGRADE });
    expect(await status('https://ours.example', 'signal.example')).toBe(101);
    expect(await status('http://signal.example:9000', 'signal.example:9000')).toBe(101);
    expect(await status('https://tls.example', '127.0.0.1:9000')).toBe(101);
    expect(await status('http://evil.example:9000', 'evil.example:9000')).toBe(421);
    expect(await status('http://evil.example:9000', 'signal.example:9000')).toBe(403);
    // Requests for an address are served, but the address is not a name of the server.
    expect(await status('http://127.0.0.1:9000', '127.0.0.1:9000')).toBe(403);
    expect(await status('http://xn--bcher-kva.example:9000', 'signal.example')).toBe(403);
  });

  it('uses X-Forwarded-Host from a trusted proxy only', async () => {
    const headers = { Host: 'node-1:9000', 'X-Forwarded-Host': 'signal.example' };
    await start({ hosts: HOSTS, proxied: true });
    expect(await statuses(headers)).toEqual(SERVED);
    expect(await ask('/demo', { ...headers, 'X-Forwarded-Host': 'evil.example' })).toBe(421);
    await server.close();
    await start({ hosts: HOSTS });
    expect(await ask('/demo', headers)).toBe(421);
  });

  it('rejects no request if it is not set', async () => {
    await start({ cors: CORS });
    expect(await statuses({ Host: 'anything.example' })).toEqual(SERVED);
    expect(await ask('/', { Host: 'any.example:9000', Origin: 'http://any.example:9000', ...UPGRADE })).toBe(101);
  });
});
