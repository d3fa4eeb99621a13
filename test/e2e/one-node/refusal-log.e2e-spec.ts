import { ConnectorClient } from '../../support/connector-client.js';
import { EasyRtcClient } from '../../support/easyrtc-client.js';
import { PeerJsSocket, until, upgradeStatus } from '../../support/peerjs-socket.js';
import { type LogLine, ProcessServer } from '../../support/process-server.js';

const ADDRESS = '127.0.0.1';
const NODE = 'node-of-this-test';
const SECRET = 'nobody-may-read-this';

let server: ProcessServer;

afterEach(async () => {
  EasyRtcClient.closeAll();
  await ConnectorClient.closeAll();
  await ProcessServer.killAll();
});

const start = async (...flags: string[]): Promise<void> => void (server = await ProcessServer.start(flags));

/** Returns the lines with this message, without the common members. */
function linesOf(message: string): Record<string, unknown>[] {
  const lines = server.lines.filter(({ msg }) => msg === message);
  return lines.map((line) =>
    Object.fromEntries(Object.entries(line).filter(([key]) => !'level time msg'.includes(key))),
  );
}

async function logged(message: string, count = 1): Promise<Record<string, unknown>[]> {
  await until(() => linesOf(message).length >= count);
  return linesOf(message);
}

/** Returns the messages with the number of refusals. */
function counts(): string[] {
  return server.lines.map(({ msg }) => msg).filter((msg) => msg.startsWith('refused '));
}

describe('logs a line with reason and address for the rejection', () => {
  it('of a WebSocket on an unknown path, without the query string', async () => {
    await start();
    expect(await upgradeStatus(server.url, `/myapp/peerjs?key=${SECRET}`)).toBe(404);
    expect(await logged('refused')).toEqual([{ status: 404, address: ADDRESS, path: '/myapp/peerjs' }]);
    expect(JSON.stringify(server.lines)).not.toContain(SECRET);
  });

  it('of a request for an unknown path, without the path, which may contain a PeerJS token', async () => {
    await start();
    expect((await fetch(`${server.url}/wrong/${SECRET}/id/token`)).status).toBe(404);
    expect(await logged('refused')).toEqual([{ status: 404, address: ADDRESS }]);
    expect(JSON.stringify(server.lines)).not.toContain(SECRET);
  });

  it('of another origin', async () => {
    await start('--cors', 'https://a.example');
    expect(await upgradeStatus(server.url, '/', { origin: 'https://b.example' })).toBe(403);
    expect(await logged('refused')).toEqual([{ status: 403, address: ADDRESS, path: '/' }]);
  });

  it.each([
    ['too many connections of one address', '--max-connections-per-ip', 429],
    ['too many connections', '--max-connections', 503],
  ])('of %s, also by polling', async (_, flag, status) => {
    await start(flag, '1');
    await ConnectorClient.connect(server.wsUrl);
    expect(await upgradeStatus(server.url, '/')).toBe(status);
    expect(await logged('refused')).toEqual([{ status, address: ADDRESS, path: '/' }]);
    expect((await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`)).status).toBe(status);
    await server.stop();
    expect(await logged(`refused ${status}, 2 times from ${ADDRESS} in 10 s`)).toEqual([
      { status, address: ADDRESS, times: 2, seconds: 10 },
    ]);
  });

  it('of the address that a trusted proxy names', async () => {
    await start('--proxied', 'true');
    await upgradeStatus(server.url, '/nothing', { 'x-forwarded-for': '203.0.113.9' });
    expect(await logged('refused')).toEqual([{ status: 404, address: '203.0.113.9', path: '/nothing' }]);
  });

  it('of a wrong PeerJS key, over WebSocket and HTTP', async () => {
    await start();
    const socket = await PeerJsSocket.connect(server.wsUrl, { key: SECRET, id: 'pia' });
    await socket.closed;
    expect((await fetch(`${server.url}/${SECRET}/id`)).status).toBe(401);
    expect(await logged('refused', 2)).toEqual([
      { protocol: 'peerjs', code: 'REALM_UNKNOWN', address: ADDRESS },
      { status: 401, address: ADDRESS },
    ]);
    expect(JSON.stringify(server.lines)).not.toContain(SECRET);
  });

  it('of an EasyRTC login', async () => {
    await start('--easyrtc-applications', 'chess=chess');
    await expect(EasyRtcClient.login(server.url, { applicationName: SECRET })).rejects.toThrow();
    expect(await logged('refused')).toEqual([{ protocol: 'easyrtc', code: 'REALM_UNKNOWN', address: ADDRESS }]);
    expect(JSON.stringify(server.lines)).not.toContain(SECRET);
  });

  it('of a long path, truncated to 100 characters', async () => {
    await start();
    await upgradeStatus(server.url, `/${'x'.repeat(500)}`);
    expect(await logged('refused')).toEqual([{ status: 404, address: ADDRESS, path: `/${'x'.repeat(99)}` }]);
  });
});

describe('many rejections', () => {
  async function refuse(count: number, addressOf: (index: number) => string): Promise<void> {
    for (let i = 0; i < count; i += 50) {
      const some = Array.from({ length: Math.min(50, count - i) }, (_, j) =>
        upgradeStatus(server.url, '/nothing', { 'x-forwarded-for': addressOf(i + j) }),
      );
      expect(new Set(await Promise.all(some))).toEqual(new Set([404]));
    }
  }

  it('from one address produce one line, and one with their number after ten seconds', async () => {
    await start('--proxied', 'true');
    await refuse(200, () => '203.0.113.9');
    expect(await logged('refused 404, 200 times from 203.0.113.9 in 10 s')).toEqual([
      { status: 404, address: '203.0.113.9', times: 200, seconds: 10 },
    ]);
    expect(linesOf('refused')).toHaveLength(1);
    expect(counts()).toHaveLength(1);
  });

  it('of tokens name the protocol and the reason, and a single one produces one line', async () => {
    const jwt = { secret: 'a secret of enough characters' };
    await start('--auth', JSON.stringify({ mode: 'jwt', jwt }));
    for (let i = 0; i < 3; i++) await (await PeerJsSocket.connect(server.wsUrl, { id: 'pia', token: 'bad' })).closed;
    await upgradeStatus(server.url, '/nothing');
    await server.stop();
    const refused = {
      protocol: 'peerjs',
      realm: 'default',
      code: 'UNAUTHENTICATED',
      reason: 'malformed',
      address: ADDRESS,
    };
    expect(linesOf('refused')).toEqual([refused, { status: 404, address: ADDRESS, path: '/nothing' }]);
    expect(counts()).toEqual([`refused peerjs UNAUTHENTICATED (malformed), 3 times from ${ADDRESS} in 10 s`]);
  });

  it('from one IPv6 network count as one address', async () => {
    await start('--proxied', 'true');
    await refuse(100, (i) => `2001:db8::${i.toString(16)}`);
    await server.stop();
    expect(linesOf('refused')).toHaveLength(1);
    expect(counts()).toHaveLength(1);
    expect(counts()[0]).toMatch(/^refused 404, 100 times from 2001:db8::\w* in 10 s$/);
  });

  it('from many addresses produce few lines, which count all of them', async () => {
    await start('--proxied', 'true');
    const count = 1500;
    await refuse(count, (i) => `198.51.${i >> 8}.${i & 255}`);
    await server.stop();
    const lines = server.lines.filter(({ msg }) => msg.startsWith('refused'));
    // Under load the rejections may span several periods.
    const periods = lines.filter(({ msg }) => /^refused, \d+ times from other addresses in 10 s$/.test(msg)).length;
    expect(periods).toBeGreaterThan(0);
    expect(lines.length).toBeLessThanOrEqual(41 * (periods + 1));
    expect(lines.reduce((sum, { times = 1 }) => sum + Number(times), 0)).toBe(count);
  });
});

it('logs address, realm and node when clients connect and disconnect', async () => {
  await start('--connector-realm', 'blue', '--keys', 'peerjs=red', '--node-name', NODE);
  const connector = await ConnectorClient.connect(server.wsUrl);
  const peer = await PeerJsSocket.open(server.wsUrl, { id: 'pia' });
  const easy = await EasyRtcClient.login(server.url, { applicationName: 'chess' });
  connector.socket.close();
  peer.ws.close();
  EasyRtcClient.closeAll();
  await logged('disconnected', 3);
  const clients = [
    { protocol: 'peer2peer-connector', client: connector.id, realm: 'blue' },
    { protocol: 'peerjs', client: 'pia', realm: 'red' },
    { protocol: 'easyrtc', client: easy.id, realm: 'chess' },
  ].map((client) => ({ ...client, address: ADDRESS, node: NODE }));
  expect(linesOf('connected')).toEqual(clients);
  expect(linesOf('disconnected')).toHaveLength(3);
  expect(linesOf('disconnected')).toEqual(
    expect.arrayContaining(clients.map((client) => expect.objectContaining(client) as unknown as LogLine)),
  );
});
