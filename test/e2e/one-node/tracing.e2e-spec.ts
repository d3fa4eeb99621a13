import type { IncomingHttpHeaders } from 'node:http';
import { OPERATE_TOKEN } from '../../support/admin-api.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { Backend } from '../../support/issuer.js';
import { PeerJsSocket } from '../../support/peerjs-socket.js';
import { RedisServer } from '../../support/redis-server.js';
import { atTeardown } from '../../support/teardown.js';
import { TracedServer } from '../../support/traced-server.js';

const ADMIN = { adminTokens: [`olga:operate:${OPERATE_TOKEN}`] };
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const CALLER_ID = 'b7ad6b7169203331';
const SERVER_KIND = 1;
const CLIENT_KIND = 2;
const ERROR = 2;

interface Endpoint {
  readonly backend: Backend;
  /** The headers of all requests. */
  readonly requests: IncomingHttpHeaders[];
}

/** Starts an HTTP endpoint that answers each request with a status and an object. */
async function startEndpoint(answer: object = {}, status = 200): Promise<Endpoint> {
  const requests: IncomingHttpHeaders[] = [];
  const backend = await Backend.start(({ headers }, response) => {
    requests.push(headers);
    response.writeHead(status).end(JSON.stringify(answer));
  });
  return { backend, requests };
}

/** Sends a request to the admin API. */
function ask(server: TracedServer, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${OPERATE_TOKEN}`, 'content-type': 'application/json', ...init.headers };
  return fetch(`${server.process.url}/admin/v1/${path}`, { ...init, headers });
}

const traceparentOf = ({ traceId, spanId }: { traceId: string; spanId: string }): string =>
  `00-${traceId}-${spanId}-01`;

describe('tracing', () => {
  it('has a span for the connect of a client of each protocol, with backplane operations in it', async () => {
    const server = await TracedServer.start();
    await ConnectorClient.connect(server.process.wsUrl);
    await PeerJsSocket.open(server.process.wsUrl, { id: 'a', token: 'token-of-a' });
    await EasyRtcClient.login(server.process.url, { applicationName: 'default' });
    const connects = await server.wait('connect', 3);
    const about = { 'signalbox.node': 'node-1', 'signalbox.realm': 'default', 'signalbox.outcome': 'ok' };
    expect(connects).toMatchObject(
      ['peer2peer-connector', 'peerjs', 'easyrtc'].map((protocol) => ({
        kind: SERVER_KIND,
        status: 0,
        attributes: { ...about, 'signalbox.protocol': protocol },
      })),
    );
    const claims = await server.spans('backplane clients.claim');
    expect(claims.map(({ traceId, parentId }) => [traceId, parentId])).toEqual(
      connects.map(({ traceId, spanId }) => [traceId, spanId]),
    );
    expect(claims[0]?.attributes).toMatchObject({ 'signalbox.operation': 'clients.claim', 'signalbox.node': 'node-1' });
    expect(new Set(connects.map(({ traceId }) => traceId)).size).toBe(3);
  });

  it('says why a connect is refused, which is no error', async () => {
    const server = await TracedServer.start();
    await PeerJsSocket.open(server.process.wsUrl, { id: 'a', token: 'token-of-a' });
    const other = await PeerJsSocket.connect(server.process.wsUrl, { id: 'a', token: 'another' });
    await other.closed;
    const [, refused] = await server.wait('connect', 2);
    expect(refused).toMatchObject({ status: 0, attributes: { 'signalbox.outcome': 'ID_TAKEN' } });
  });

  it('passes the connect on to the webhook for authentication, and shows neither tokens nor URLs', async () => {
    const { backend, requests } = await startEndpoint({ sub: 'alice' });
    const webhook = { url: `${backend.url}/auth?key=query-secret` };
    const server = await TracedServer.start({ auth: { mode: 'webhook', webhook } });
    await ConnectorClient.connect(`${server.process.wsUrl}/?access_token=hidden-token`);
    const [connect] = await server.wait('connect');
    const [asked] = await server.wait('auth webhook');
    expect(asked).toMatchObject({
      kind: CLIENT_KIND,
      traceId: connect?.traceId,
      parentId: connect?.spanId,
      attributes: {
        'server.address': '127.0.0.1',
        'http.response.status_code': 200,
        'signalbox.protocol': 'peer2peer-connector',
        'signalbox.realm': 'default',
        'signalbox.outcome': 'ok',
      },
    });
    expect(requests.map(({ traceparent }) => traceparent)).toEqual([traceparentOf(asked)]);
    expect(await server.text()).not.toMatch(/hidden-token|query-secret/);
  });

  it('marks the connect as an error if the webhook for authentication fails', async () => {
    const { backend } = await startEndpoint({}, 500);
    const server = await TracedServer.start({ auth: { mode: 'webhook', webhook: { url: backend.url } } });
    const attempt = ConnectorClient.connect(`${server.process.wsUrl}/?access_token=hidden-token`);
    await expect(attempt).rejects.toThrow();
    expect(await server.wait('connect')).toMatchObject([
      { status: ERROR, attributes: { 'signalbox.outcome': 'UNAVAILABLE' } },
    ]);
    expect(await server.wait('auth webhook')).toMatchObject([
      { status: ERROR, attributes: { 'http.response.status_code': 500 } },
    ]);
  });

  it('traces a request of the admin API as a child of its caller', async () => {
    const server = await TracedServer.start(ADMIN);
    const headers = { traceparent: `00-${TRACE_ID}-${CALLER_ID}-01` };
    await ask(server, 'clients/nobody', { headers });
    const [request] = await server.wait('GET /admin/v1/clients/:id');
    expect(request).toMatchObject({
      kind: SERVER_KIND,
      traceId: TRACE_ID,
      parentId: CALLER_ID,
      attributes: {
        'http.request.method': 'GET',
        'http.route': '/admin/v1/clients/:id',
        'http.response.status_code': 404,
      },
    });
    const [found] = await server.wait('backplane clients.find');
    expect(found).toMatchObject({ traceId: TRACE_ID, parentId: request?.spanId });
    expect(await server.text()).not.toContain('nobody');
  });

  it('has no span for a request without a valid token', async () => {
    const server = await TracedServer.start(ADMIN);
    const headers = { authorization: 'Bearer wrong', traceparent: `00-${TRACE_ID}-${CALLER_ID}-01` };
    expect((await ask(server, 'stats', { headers })).status).toBe(401);
    expect((await ask(server, 'stats')).status).toBe(200);
    await server.wait('GET /admin/v1/stats');
    expect(await server.text()).not.toContain(TRACE_ID);
  });

  it('sends traceparent with webhooks, and traces those that the admin API causes as its children', async () => {
    const { backend, requests } = await startEndpoint();
    const webhooks = [{ url: `${backend.url}/hooks?key=query-secret`, events: ['client.connected' as const] }];
    const server = await TracedServer.start({ ...ADMIN, webhooks, webhookAllowPrivate: true });
    await ConnectorClient.connect(server.process.wsUrl);
    const [delivery] = await server.wait('webhook');
    expect(delivery).toMatchObject({
      kind: CLIENT_KIND,
      attributes: {
        'server.address': '127.0.0.1',
        'http.response.status_code': 200,
        'signalbox.webhook_id': requests[0]?.['webhook-id'],
        'signalbox.outcome': 'ok',
      },
    });
    expect(delivery).not.toHaveProperty('parentId');
    const headers = { traceparent: `00-${TRACE_ID}-${CALLER_ID}-01` };
    await ask(server, 'webhooks/0/test', { method: 'POST', headers });
    const [, test] = await server.wait('webhook', 2);
    const [request] = await server.wait('POST /admin/v1/webhooks/:n/test');
    expect(test).toMatchObject({ traceId: TRACE_ID, parentId: request?.spanId });
    expect(requests.map(({ traceparent }) => traceparent)).toEqual([traceparentOf(delivery), traceparentOf(test)]);
    expect(await server.text()).not.toContain('query-secret');
  });

  it('marks a webhook that fails as an error', async () => {
    const { backend } = await startEndpoint({}, 500);
    const webhooks = [{ url: backend.url, events: ['client.connected' as const] }];
    const server = await TracedServer.start({ ...ADMIN, webhooks, webhookAllowPrivate: true });
    await ask(server, 'webhooks/0/test', { method: 'POST' });
    expect(await server.wait('webhook')).toMatchObject([
      { status: ERROR, attributes: { 'signalbox.outcome': 'status 500' } },
    ]);
  });

  it('traces one signal in 64, without its payload', async () => {
    const server = await TracedServer.start();
    const client = await ConnectorClient.connect(server.process.wsUrl);
    for (let n = 0; n < 65; n++) client.send({ event: 'Message', to: client.id, data: 'secret-payload' });
    await client.next(({ data }) => data === 'secret-payload');
    await client.drain();
    const signals = await server.wait('signal', 2);
    const about = {
      'signalbox.protocol': 'peer2peer-connector',
      'signalbox.event': 'Message',
      'signalbox.outcome': 'ok',
    };
    expect(signals).toMatchObject([{ attributes: about }, { attributes: about }]);
    expect(await server.text()).not.toContain('secret-payload');
  });

  it('traces a signal to another node over Redis', async () => {
    const redis = await RedisServer.start(RedisServer.IN_MEMORY);
    atTeardown(() => RedisServer.killAll());
    const server = await TracedServer.start({ redis: redis.url });
    const other = await TracedServer.start({ redis: redis.url, nodeName: 'node-2' });
    const alice = await ConnectorClient.connect(server.process.wsUrl);
    const bob = await ConnectorClient.connect(other.process.wsUrl);
    alice.send({ event: 'Message', to: bob.id, data: 'Hello' });
    await bob.next('Message');
    const [signal] = await server.wait('signal');
    for (const operation of ['clients.find', 'bus.send']) {
      expect(await server.wait(`backplane ${operation}`)).toMatchObject([
        { traceId: signal?.traceId, parentId: signal?.spanId },
      ]);
    }
  });

  it('keeps the event stream of the admin API as it is', async () => {
    const server = await TracedServer.start(ADMIN);
    const stream = await ask(server, 'events?types=client.*', { headers: { accept: 'text/event-stream' } });
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    await ConnectorClient.connect(server.process.wsUrl);
    let text = '';
    while (!text.includes('client.connected')) text += (await reader.read()).value ?? '';
    expect(await server.spans('GET /admin/v1/events')).toEqual([]);
    await reader.cancel();
    expect(await server.wait('GET /admin/v1/events')).toMatchObject([
      { attributes: { 'http.response.status_code': 200 } },
    ]);
  });

  it('traces the messages of EasyRTC, and the backplane operations that they cause', async () => {
    const server = await TracedServer.start();
    const client = await EasyRtcClient.login(server.process.url);
    const rooms = { r: { roomName: 'r' } };
    // The login is the first message of the sample.
    for (let n = 0; n < 32; n++) {
      await client.command('roomJoin', { roomJoin: rooms });
      await client.command('roomLeave', { roomLeave: rooms });
    }
    const [signal] = await server.wait('signal');
    expect(signal?.attributes).toMatchObject({
      'signalbox.protocol': 'easyrtc',
      'signalbox.event': 'easyrtcCmd.roomLeave',
    });
    const operations = (await server.text())
      .split('\n')
      .filter((line) => line.includes(`"parentId":"${signal?.spanId}"`));
    expect(operations.join()).toContain('"backplane rooms.leave"');
  });
});
