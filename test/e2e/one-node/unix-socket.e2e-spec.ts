import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, type ClientRequestArgs, get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OPERATE_TOKEN } from '../../support/admin-api.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { ProcessServer } from '../../support/process-server.js';

const TOKENS = ['--admin-tokens', `olga:operate:${OPERATE_TOKEN}`];

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-'));
  path = join(folder, 'signalbox.sock');
});

afterEach(async () => {
  await ConnectorClient.closeAll();
  await ProcessServer.killAll();
  rmSync(folder, { recursive: true });
});

/** Connects a Peer2Peer Connector client as a proxy on this machine would. */
const connect = (forwardedFor?: string): Promise<ConnectorClient> => {
  const headers: Record<string, string> = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor };
  return ConnectorClient.connect(`ws+unix://${path}:/`, { headers });
};

async function answer(target: string, options: ClientRequestArgs = {}): Promise<{ status?: number; text: string }> {
  const [response] = (await once(
    get({ socketPath: path, path: target, agent: new Agent(), ...options }),
    'response',
  )) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode, text };
}

async function addressOf({ id }: ConnectorClient): Promise<unknown> {
  const headers = { authorization: `Bearer ${OPERATE_TOKEN}` };
  const { text } = await answer(`/admin/v1/clients/${id}`, { headers });
  return (JSON.parse(text) as { address: unknown }).address;
}

describe.each<[string, () => Promise<ProcessServer>]>([
  ['--port', () => ProcessServer.start(['--port', path])],
  ['the environment variable PORT', () => ProcessServer.start([], { SIGNALBOX_PORT: undefined, PORT: path })],
])('a server on a Unix socket that %s names', (_, start) => {
  it('serves HTTP and WebSocket, logs where it listens, and removes the socket when it stops', async () => {
    const server = await start();
    expect(server.lines.find(({ msg }) => msg === 'listening')).toMatchObject({ socket: path });
    expect((await answer('/')).status).toBe(200);
    const client = await connect();
    expect(await client.drain()).toEqual([]);
    expect((await server.stop()).code).toBe(0);
    expect((await client.closed).code).toBe(1012);
    expect(existsSync(path)).toBe(false);
    expect(server.errors).toBe('');
  });
});

describe('the path of a Unix socket', () => {
  it('is reused after a server has crashed', async () => {
    const crashed = await ProcessServer.start(['--port', path]);
    await crashed.stop('SIGKILL');
    expect(existsSync(path)).toBe(true);
    await ProcessServer.start(['--port', path]);
    expect((await answer('/')).status).toBe(200);
  });

  it('is not taken from a server that listens on it', async () => {
    const first = await ProcessServer.start(['--port', path]);
    const client = await connect();
    const second = ProcessServer.spawn(['--port', path]);
    expect((await second.exit).code).toBe(1);
    const reason = 'another program listens there, or the file is not a socket (choose another one with --port)';
    expect(second.errors).toBe(`signalbox: cannot listen on ${path}: ${reason}\n`);
    expect(await client.drain()).toEqual([]);
    expect((await answer('/')).status).toBe(200);
    expect((await first.stop()).code).toBe(0);
  });

  it('is not reused if it is a regular file', async () => {
    writeFileSync(path, 'kept');
    const server = ProcessServer.spawn(['--port', path]);
    expect((await server.exit).code).toBe(1);
    expect(readFileSync(path, 'utf8')).toBe('kept');
  });

  it('is rejected if its folder is missing', async () => {
    const missing = join(folder, 'missing', 'signalbox.sock');
    const server = ProcessServer.spawn(['--port', missing]);
    expect((await server.exit).code).toBe(1);
    expect(server.errors).toBe(
      `signalbox: cannot listen on ${missing}: permission denied, or the folder does not exist\n`,
    );
  });
});

describe('a client on a Unix socket', () => {
  it('counts as local regardless of its headers, and is not limited as one address', async () => {
    await ProcessServer.start(['--port', path, ...TOKENS]);
    const clients = await Promise.all(Array.from({ length: 300 }, () => connect('203.0.113.9')));
    expect(await addressOf(clients[0])).toBe('127.0.0.1');
  });

  it.each([['true'], ['1'], ['loopback']])('has the address from the proxy with --proxied %s', async (proxied) => {
    const limit = ['--max-connections-per-ip', '2'];
    await ProcessServer.start(['--port', path, '--proxied', proxied, ...limit, ...TOKENS]);
    const [ann] = [await connect('203.0.113.9'), await connect('203.0.113.9')];
    expect(await addressOf(ann)).toBe('203.0.113.9');
    await expect(connect('203.0.113.9')).rejects.toThrow('closed with 1006');
    expect(await addressOf(await connect('203.0.113.10'))).toBe('203.0.113.10');
  });

  it('cannot read the metrics without a token, as a proxy may have forwarded it', async () => {
    await ProcessServer.start(['--port', path, ...TOKENS]);
    expect((await answer('/metrics')).status).toBe(401);
    expect((await answer('/metrics', { headers: { authorization: `Bearer ${OPERATE_TOKEN}` } })).status).toBe(200);
  });
});
