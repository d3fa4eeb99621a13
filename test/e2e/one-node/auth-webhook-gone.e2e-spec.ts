import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import { attempt } from '../../support/attempts.js';
import { becomes } from '../../support/becomes.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { Backend } from '../../support/issuer.js';
import { bearer, loginWith } from '../../support/secured.js';
import { startServer, type TestServer } from '../../support/server.js';

const TURNS = 2;

let backend: Backend;
let server: TestServer;

beforeEach(async () => {
  backend = await Backend.start((request, response) => void answer(request, response));
  const webhook = { url: backend.url, maxConcurrent: TURNS, timeoutMs: 60_000 };
  server = await startServer({ auth: { mode: 'webhook', webhook } });
});

afterEach(async () => {
  EasyRtcClient.closeAll();
  await ConnectorClient.closeAll();
});

/** Never answers about clients that go. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { token } = (await json(request)) as { token: string };
  if (token === 'bad') response.writeHead(401).end();
  else if (!token.startsWith('gone')) response.end(JSON.stringify({ sub: token }));
}

function openSocket(path: string): () => void {
  const socket = new WebSocket(server.wsUrl + path);
  socket.on('error', () => undefined);
  return () => socket.terminate();
}

const CLIENTS: Record<string, (token: string) => Promise<() => void>> = {
  connector: (token) => Promise.resolve(openSocket(`/?access_token=${token}`)),
  peerjs: (token) => Promise.resolve(openSocket(`/peerjs?key=peerjs&id=${token}&token=${token}`)),
  easyrtc: async (token) => {
    const client = await EasyRtcClient.connect(server.url);
    void client.authenticate(loginWith(token)).catch(() => undefined);
    return () => EasyRtcClient.closeAll();
  },
};

/** Connects clients, and disconnects them while the webhook is asked about some and the others wait for their turn. */
async function come(connect: (token: string) => Promise<() => void>): Promise<void> {
  const before = backend.requests;
  const leave = await Promise.all(Array.from({ length: 3 * TURNS }, (_, at) => connect(`gone${at}`)));
  await becomes(() => backend.requests >= before + TURNS, true);
  for (const go of leave) go();
}

describe('the turns at the webhook of clients that have gone', () => {
  it.each(Object.entries(CLIENTS))('are free for others: %s', async (_, connect) => {
    await come(connect);
    expect(await attempt(server, 'live')).toEqual({ sub: 'live' });
  });

  it('are free for others: of clients that renew their tokens', async () => {
    await come(async (token) => {
      const client = await ConnectorClient.connect(server.wsUrl, bearer(`live-${token}`));
      client.send({ event: 'Authenticate', data: { token } });
      return () => void client.close();
    });
    expect(await attempt(server, 'live')).toEqual({ sub: 'live' });
  });
});
