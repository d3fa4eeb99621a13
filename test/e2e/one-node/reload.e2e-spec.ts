import { createHmac } from 'node:crypto';
import { WebSocket } from 'ws';
import { AdminApi } from '../../support/admin-api.js';
import { becomes } from '../../support/becomes.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { secretToken } from '../../support/issuer.js';
import { REFUSED, RELOADED, ReloadingServer } from '../../support/reloads.js';

const [OLD, NEW] = ['olga-has-had-this-one-for-long', 'olga-has-got-this-one-today'];
const [OLD_SECRET, NEW_SECRET] = ['a secret of enough characters', 'another secret of enough characters'];

/** Time within which a change of a file is in effect. */
const WITHIN_MS = 5000;

/** For tests that wait for files to be watched, with a server of their own. */
const PATIENCE_MS = 60_000;

/** Log lines are written in batches, within 100 ms. */
const LINES_WRITTEN_MS = 200;

interface TurnServer {
  readonly username: string;
  readonly credential: string;
}

const tokens = (token: string): readonly string[] => [`olga:operate:${token}`];

async function statusWith(token: string, { server }: ReloadingServer): Promise<number> {
  return (await new AdminApi(server.url, token).get('clients')).status;
}

/** Returns the HTTP status of a handshake. */
function handshakeStatus(url: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { headers });
    socket.once('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.once('unexpected-response', (request, { statusCode }) => {
      request.destroy();
      resolve(statusCode);
    });
    socket.once('error', reject);
  });
}

/** Whether the server admits a client with a token signed by this secret. */
async function admits(secret: string, { server }: ReloadingServer, path = '/'): Promise<boolean> {
  const headers = { authorization: `Bearer ${await secretToken(secret)}` };
  return ConnectorClient.connect(server.wsUrl + path, { headers }).then(
    () => true,
    () => false,
  );
}

/** Returns the origin that an answer is shared with. */
async function sharedWith(origin: string, { server }: ReloadingServer): Promise<string | null> {
  const response = await fetch(`${server.url}/ice-servers`, { headers: { origin } });
  await response.text();
  return response.headers.get('access-control-allow-origin');
}

describe('SIGHUP', () => {
  const BASE = { adminTokens: tokens(OLD), realms: { default: {}, acme: { connectorPath: '/acme' } } };
  let running: ReloadingServer;

  beforeAll(async () => {
    running = await ReloadingServer.start(BASE);
  });

  beforeEach(async () => {
    running.configure(BASE);
    expect(await running.signal()).toMatchObject({ msg: RELOADED });
  });

  it('replaces admin tokens, and leaves clients connected', async () => {
    const client = await ConnectorClient.connect(running.server.wsUrl);
    running.configure({ ...BASE, adminTokens: tokens(NEW) });
    expect(await running.signal()).toMatchObject({ msg: RELOADED, changed: ['adminTokens'] });
    expect([await statusWith(OLD, running), await statusWith(NEW, running)]).toEqual([401, 200]);
    expect(await client.drain()).toEqual([]);
  });

  it('replaces origins', async () => {
    running.configure({ ...BASE, cors: ['https://old.example'] });
    await running.signal();
    running.configure({ ...BASE, cors: ['https://new.example'] });
    expect(await running.signal()).toMatchObject({ msg: RELOADED, changed: ['cors'] });
    expect(await sharedWith('https://new.example', running)).toBe('https://new.example');
    expect(await sharedWith('https://old.example', running)).toBeNull();
    expect(await handshakeStatus(running.server.wsUrl, { origin: 'https://new.example' })).toBe(101);
    expect(await handshakeStatus(running.server.wsUrl, { origin: 'https://old.example' })).toBe(403);
  });

  it('replaces limits, for new connections at the latest', async () => {
    running.configure({ ...BASE, maxFrameBytes: 1024 });
    await running.signal();
    const large = { event: 'Message', to: 'nobody', data: 'x'.repeat(2000) };
    const before = await ConnectorClient.connect(running.server.wsUrl);
    before.send(large);
    expect(await before.closed).toMatchObject({ code: 1009 });
    running.configure({ ...BASE, maxFrameBytes: 4096, maxConnections: 1 });
    expect(await running.signal()).toMatchObject({ changed: ['maxFrameBytes', 'maxConnections'] });
    const after = await ConnectorClient.connect(running.server.wsUrl);
    expect(await after.ask(large)).toMatchObject({ event: 'Not_Found' });
    expect(await handshakeStatus(running.server.wsUrl)).toBe(503);
    after.send({ ...large, data: 'x'.repeat(5000) });
    expect(await after.closed).toMatchObject({ code: 1009 });
  });

  it('replaces the secrets of auth, in all realms', async () => {
    const authWith = (secret: string) => ({ auth: { mode: 'jwt', jwt: { secret } } });
    running.configure({ ...BASE, ...authWith(OLD_SECRET) });
    await running.signal();
    expect(await admits(OLD_SECRET, running)).toBe(true);
    running.configure({ ...BASE, ...authWith(NEW_SECRET) });
    expect(await running.signal()).toMatchObject({ msg: RELOADED, changed: ['auth'] });
    for (const path of ['/', '/acme']) {
      expect([await admits(OLD_SECRET, running, path), await admits(NEW_SECRET, running, path)]).toEqual([false, true]);
    }
  });

  it('replaces the ICE servers, the secret of TURN and the rules of a realm', async () => {
    const ice = { servers: [{ urls: 'stun:new.example' }], turn: { urls: 'turn:new.example', secret: 'new' } };
    const realms = { ...BASE.realms, default: { rooms: { create: 'nobody' } } };
    const client = await ConnectorClient.connect(running.server.wsUrl);
    running.configure({ ...BASE, ice, realms });
    expect(await running.signal()).toMatchObject({ msg: RELOADED, changed: ['ice', 'realms'] });
    const answer = await fetch(`${running.server.url}/ice-servers`);
    const { iceServers } = (await answer.json()) as { iceServers: readonly TurnServer[] };
    expect(iceServers).toMatchObject([{ urls: 'stun:new.example' }, { urls: ['turn:new.example'] }]);
    const [, { username, credential }] = iceServers;
    expect(credential).toBe(createHmac('sha1', 'new').update(username).digest('base64'));
    expect(await client.ask({ event: 'Create_Room', data: { room: 'lobby' } })).toMatchObject({ type: 'error' });
  });

  it('replaces the level of the log', async () => {
    running.configure({ ...BASE, logLevel: 'error' });
    // The line about the reload is of a lower level.
    process.kill(running.server.pid, 'SIGHUP');
    const isSilent = async (): Promise<boolean> => {
      const before = running.server.lines.length;
      await (await ConnectorClient.connect(running.server.wsUrl)).close();
      await new Promise((resolve) => setTimeout(resolve, LINES_WRITTEN_MS));
      return running.server.lines.length === before;
    };
    await becomes(isSilent, true);
  });

  it('changes nothing if an option that needs a restart has changed, and names it', async () => {
    running.configure({ ...BASE, adminTokens: tokens(NEW), redisPrefix: 'other', hosts: ['a.example'] });
    const { level, msg, problems } = await running.signal();
    expect({ level, msg }).toEqual({ level: 50, msg: REFUSED });
    expect(problems).toEqual([
      'hosts has changed, which needs a restart',
      'redisPrefix has changed, which needs a restart',
    ]);
    expect([await statusWith(OLD, running), await statusWith(NEW, running)]).toEqual([200, 401]);
  });

  it.each<[string, () => string, RegExp]>([
    ['does not parse', () => 'adminTokens: [', /^file .*signalbox\.yaml is not valid YAML or JSON: .+ at line 1/],
    ['has an unknown option', () => 'adminToken: []', /^adminToken \(file .*\) is not an option, did you mean .+\?$/],
    ['has an invalid value', () => 'maxRooms: -1', /^maxRooms \(file .*\) must be an integer from 1 .*, got -1$/],
    [
      'names a file without a secret',
      () => {
        const auth = { mode: 'jwt', jwt: { secretFile: running.write('short', 'short') } };
        return JSON.stringify({ ...BASE, adminTokens: tokens(NEW), auth });
      },
      /^secretFile \(.*\) must hold a secret of 16 characters or more$/,
    ],
  ])('changes nothing if the file %s, and says why', async (_, content, problem) => {
    running.configure(content());
    const { level, msg, problems } = await running.signal();
    expect({ level, msg }).toEqual({ level: 50, msg: REFUSED });
    expect(problems).toEqual([expect.stringMatching(problem)]);
    expect([await statusWith(OLD, running), await statusWith(NEW, running)]).toEqual([200, 401]);
  });

  it('writes no secret to the log', async () => {
    const auth = (secret: string) => ({ mode: 'jwt', jwt: { secret } });
    running.configure({ ...BASE, adminTokens: tokens(NEW), auth: auth(NEW_SECRET) });
    expect(await running.signal()).toMatchObject({ msg: RELOADED });
    running.configure({ ...BASE, redis: 'redis://:a-password@127.0.0.1', key: 'a-new-key', auth: auth(OLD_SECRET) });
    expect(await running.signal()).toMatchObject({ msg: REFUSED });
    expect(JSON.stringify(running.server.lines)).not.toMatch(/olga-has|enough characters|a-password|a-new-key/);
  });
});

describe('a change of a file', () => {
  it(
    'replaces the secret in it, and in one that a reload has named',
    async () => {
      const authWith = (secretFile: string) => ({ auth: { mode: 'jwt', jwt: { secretFile } } });
      const running = await ReloadingServer.start((folder) => authWith(folder.write('first', OLD_SECRET)));
      expect(await admits(OLD_SECRET, running)).toBe(true);
      running.write('first', NEW_SECRET);
      await becomes(() => admits(NEW_SECRET, running), true, WITHIN_MS);
      expect(await admits(OLD_SECRET, running)).toBe(false);
      running.configure(authWith(running.write('second', NEW_SECRET)));
      await running.signal();
      running.write('second', OLD_SECRET);
      await becomes(() => admits(OLD_SECRET, running), true, WITHIN_MS);
    },
    PATIENCE_MS,
  );

  it(
    'takes a new configuration',
    async () => {
      const running = await ReloadingServer.start({ adminTokens: tokens(OLD) });
      running.configure({ adminTokens: tokens(NEW) });
      await becomes(() => statusWith(NEW, running), 200, WITHIN_MS);
      await becomes(() => running.reloads('file').map(({ changed }) => changed), [['adminTokens']]);
    },
    PATIENCE_MS,
  );
});
