import { ConnectorClient } from '../../support/connector-client.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { secretToken } from '../../support/issuer.js';
import { PeerJsSocket, until } from '../../support/peerjs-socket.js';
import { type LogLine, ProcessServer } from '../../support/process-server.js';

const NODE = 'node-of-this-test';
const SECRET = 'a secret of enough characters';
const ADDRESS = '127.0.0.1';
const REJECTED = 'frame rejected';

afterEach(async () => {
  EasyRtcClient.closeAll();
  await ConnectorClient.closeAll();
  await ProcessServer.killAll();
});

function linesOf({ lines }: ProcessServer, message: string): LogLine[] {
  return lines.filter(({ msg }) => msg === message);
}

async function logged(server: ProcessServer, message: string, count: number): Promise<LogLine[]> {
  await until(() => linesOf(server, message).length >= count);
  return linesOf(server, message);
}

it('names address, realm, user and node of clients that connect and disconnect, and never their tokens', async () => {
  const auth = { mode: 'jwt', required: false, jwt: { secret: SECRET } };
  const server = await ProcessServer.start(['--node-name', NODE, '--auth', JSON.stringify(auth)]);
  const token = await secretToken(SECRET, { sub: 'alice' });
  const peer = await PeerJsSocket.open(server.wsUrl, { id: 'pia', token });
  const connector = await ConnectorClient.connect(server.wsUrl);
  await EasyRtcClient.login(server.url, { applicationName: 'default', credential: { token } });
  peer.ws.close();
  connector.socket.close();
  EasyRtcClient.closeAll();
  const clients = [
    { protocol: 'peerjs', client: 'pia', user: 'alice' },
    { protocol: 'peer2peer-connector', client: connector.id },
    { protocol: 'easyrtc', user: 'alice' },
  ].map((client) => ({ ...client, realm: 'default', address: ADDRESS, node: NODE }));
  expect(await logged(server, 'connected', 3)).toMatchObject(clients);
  expect(linesOf(server, 'connected')[1]).not.toHaveProperty('user');
  const ended = await logged(server, 'disconnected', 3);
  for (const client of clients) {
    const line = ended.find(({ protocol }) => protocol === client.protocol);
    expect(line).toMatchObject({ ...client, reason: 'closed by client', durationMs: expect.any(Number) as number });
  }
  await server.stop();
  expect(JSON.stringify(server.lines) + server.errors).not.toContain(token);
});

describe('at debug level, names the reason for which a frame is rejected:', () => {
  const start = (level = 'debug') => ProcessServer.start(['--node-name', NODE, '--log-level', level]);

  it.each([
    ['no JSON', '{"type":', 'INVALID_MESSAGE', 'no JSON object'],
    ['no type', '{"dst":"x"}', 'INVALID_MESSAGE', 'no type'],
    ['a type that nobody knows', '{"type":"WAVE"}', 'UNKNOWN_EVENT', 'event WAVE'],
    ['no target', '{"type":"OFFER","payload":{}}', 'INVALID_REQUEST', expect.stringContaining('dst') as string],
  ])('a frame of PeerJS, which gets no answer, with %s', async (_, text, code, reason) => {
    const server = await start();
    const peer = await PeerJsSocket.open(server.wsUrl, 'pia');
    peer.send(text);
    const client = { protocol: 'peerjs', client: 'pia', realm: 'default', address: ADDRESS, node: NODE };
    expect(await logged(server, REJECTED, 1)).toMatchObject([{ level: 20, ...client, code, reason }]);
    expect(peer.messages).toHaveLength(1);
  });

  it('a frame of Peer2Peer Connector', async () => {
    const server = await start();
    const client = await ConnectorClient.connect(server.wsUrl);
    client.send({ event: 'Join_Room', data: { room: 'nowhere' } });
    expect(await logged(server, REJECTED, 1)).toMatchObject([
      { level: 20, client: client.id, code: 'ROOM_NOT_FOUND', reason: 'room nowhere', node: NODE },
    ]);
  });

  it('a message of EasyRTC', async () => {
    const server = await start();
    const client = await EasyRtcClient.login(server.url);
    await client.command('wave');
    expect(await logged(server, REJECTED, 1)).toMatchObject([{ level: 20, protocol: 'easyrtc', client: client.id }]);
  });

  it('a connection that does not become a client, by its address', async () => {
    const server = await start();
    await (
      await PeerJsSocket.connect(server.wsUrl, { id: 'pia', key: 'wrong' })
    ).closed;
    expect(await logged(server, REJECTED, 1)).toMatchObject([{ address: ADDRESS, code: 'REALM_UNKNOWN' }]);
  });

  it('in at most 100 characters of what the client has sent', async () => {
    const server = await start();
    const peer = await PeerJsSocket.open(server.wsUrl, 'pia');
    peer.send({ type: 'X'.repeat(5000) });
    const [{ reason }] = await logged(server, REJECTED, 1);
    expect(reason).toBe(`event ${'X'.repeat(94)}`);
  });

  it('and not at other levels', async () => {
    const server = await start('info');
    const peer = await PeerJsSocket.open(server.wsUrl, 'pia');
    peer.send('{"type":');
    peer.ws.close();
    await logged(server, 'disconnected', 1);
    expect(linesOf(server, REJECTED)).toEqual([]);
  });
});

describe('the last line is "stopped",', () => {
  async function lastLine(server: ProcessServer): Promise<LogLine | undefined> {
    await server.exit;
    expect(linesOf(server, 'stopped')).toHaveLength(1);
    return server.lines.at(-1);
  }

  it.each(['SIGTERM', 'SIGINT'] as const)('behind those of the clients, after %s', async (signal) => {
    const server = await ProcessServer.start();
    await Promise.all([PeerJsSocket.open(server.wsUrl, 'pia'), ConnectorClient.connect(server.wsUrl)]);
    await server.stop(signal);
    expect(linesOf(server, 'disconnected')).toHaveLength(2);
    expect(await lastLine(server)).toMatchObject({ level: 30, signal, how: 'drained', msg: 'stopped' });
  });

  it('also after a second signal', async () => {
    const server = await ProcessServer.start(['--shutdown-timeout-ms', '60000']);
    const client = await ConnectorClient.connect(server.wsUrl);
    client.socket.pause();
    void server.stop();
    await server.line('draining');
    await server.stop();
    expect(await lastLine(server)).toMatchObject({ how: 'at once, by a second signal', msg: 'stopped' });
  });
});
