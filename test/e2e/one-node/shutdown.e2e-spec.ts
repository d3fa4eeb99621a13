import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { ConnectorClient } from '../../support/connector-client.js';
import { PATIENCE_MS } from '../../support/patience.js';
import { until, upgradeStatus } from '../../support/peerjs-socket.js';
import { ProcessServer } from '../../support/process-server.js';

/** Tolerated delay of a process on a busy machine. */
const LATE_MS = 900;

const sockets = new Set<Socket>();

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await ConnectorClient.closeAll();
  await ProcessServer.killAll();
});

async function connectMany(server: ProcessServer, count: number): Promise<ConnectorClient[]> {
  return Promise.all(Array.from({ length: count }, () => ConnectorClient.connect(server.wsUrl)));
}

/** Connects clients that stop reading, so they never answer a close frame. */
async function connectDeaf(server: ProcessServer, count: number): Promise<ConnectorClient[]> {
  const clients = await connectMany(server, count);
  for (const { socket } of clients) socket.pause();
  return clients;
}

async function dial(server: ProcessServer): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1');
  sockets.add(socket);
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  it('stops a server without connections at once', async () => {
    const server = await ProcessServer.start();
    const { code, ms } = await server.stop(signal);
    expect(code).toBe(0);
    expect(ms).toBeLessThan(1000);
    expect(server.errors).toBe('');
  });

  it('disconnects 500 clients with 1012, in batches', async () => {
    const server = await ProcessServer.start();
    const clients: ConnectorClient[] = [];
    while (clients.length < 500) clients.push(...(await connectMany(server, 50)));
    for (let i = 0; i < clients.length; i += 20) await shareRoom(clients.slice(i, i + 20), `room ${i}`);
    const { code, ms } = await server.stop(signal);
    expect(code).toBe(0);
    expect(ms).toBeLessThan(3000);
    const goodbyes = await Promise.all(clients.map(({ closed }) => closed));
    const kinds = new Set(goodbyes.map(({ code, reason }) => `${code} ${reason}`));
    expect([...kinds]).toEqual(['1012 server shutdown']);

    // The times of the server, because this process may be busy elsewhere.
    const goodbyeLines = server.lines.filter(({ reason }) => reason === 'server shutdown');
    expect(goodbyeLines).toHaveLength(500);
    const closedAt = goodbyeLines.map(({ time }) => Number(time));
    expect(Math.max(...closedAt) - Math.min(...closedAt)).toBeGreaterThan(80);
    const inSteps = (at: number) => closedAt.filter((other) => other >= at && other < at + 10).length;
    expect(Math.max(...closedAt.map(inSteps))).toBeLessThan(300);
    expect(server.lines.find(({ msg }) => msg === 'draining')).toMatchObject({ connections: 500 });
    expect(server.lines.filter(({ level }) => level > 30)).toEqual([]);
    expect(server.errors).toBe('');
  });

  it('stops the server at once when sent twice', async () => {
    const server = await ProcessServer.start(['--shutdown-timeout-ms', '60000']);
    await connectDeaf(server, 3);
    void server.stop(signal);
    await server.line('draining');
    const since = performance.now();
    const { code } = await server.stop(signal);
    expect(performance.now() - since).toBeLessThan(500);
    expect(code).toBe(1);
  });
});

describe('SIGHUP', () => {
  it.each([
    ['by itself', []],
    ['under nohup', ['nohup']],
  ])('does not end a server that runs %s', async (_, wrapper) => {
    const server = await ProcessServer.start([], {}, wrapper);
    const [client] = await connectMany(server, 1);
    void server.stop('SIGHUP');
    expect(await server.line('reloaded')).toMatchObject({ cause: 'SIGHUP', changed: [] });
    expect(await client.drain()).toEqual([]);
    expect((await server.stop('SIGTERM')).code).toBe(0);
    expect((await client.closed).code).toBe(1012);
  });
});

describe('a server that stops', () => {
  it('rejects new clients with 503 while it waits for old ones, and stops after the timeout', async () => {
    const server = await ProcessServer.start(['--shutdown-timeout-ms', '2000']);
    const deaf = await connectDeaf(server, 20);
    const [well] = await connectMany(server, 1);
    const exit = server.stop();
    expect(await well.closed).toEqual({ code: 1012, reason: 'server shutdown' });
    const arrivals = Array.from({ length: 20 }, () => upgradeStatus(server.url, '/'));
    expect(new Set(await Promise.all(arrivals))).toEqual(new Set([503]));
    expect(await upgradeStatus(server.url)).toBe(503);
    const { code, ms } = await exit;
    expect(code).toBe(0);
    expect(ms).toBeGreaterThan(1900);
    expect(ms).toBeLessThan(2000 + LATE_MS);
    for (const client of deaf) client.socket.resume();
    const goodbyes = await Promise.all(deaf.map(({ closed }) => closed));
    expect(goodbyes.every(({ code }) => code === 1012 || code === 1006)).toBe(true);
  });

  it('skips close frames when there is no time for them', async () => {
    const server = await ProcessServer.start(['--shutdown-timeout-ms', '0']);
    const clients = await connectMany(server, 50);
    const { code, ms } = await server.stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(1000);
    await Promise.all(clients.map(({ closed }) => closed));
  });

  it('does not wait for connections other than clients', async () => {
    const server = await ProcessServer.start(['--shutdown-timeout-ms', '2500']);
    // Browsers open connections in advance and keep them after a page has loaded.
    const silent = await dial(server);
    const agent = new Agent({ keepAlive: true });
    try {
      const [page] = (await once(get(server.url, { agent }), 'response')) as [IncomingMessage];
      page.resume();
      await once(page, 'end');
      const { code, ms } = await server.stop();
      expect(code).toBe(0);
      expect(ms).toBeLessThan(1000);
      await until(() => silent.destroyed);
    } finally {
      agent.destroy();
    }
  });

  it('does not wait for requests that never complete', async () => {
    const server = await ProcessServer.start(['--shutdown-timeout-ms', '1500']);
    const half = await dial(server);
    half.write('GET / HTTP/1.1\r\nHost: localhost\r\n');
    const body = await dial(server);
    body.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{');
    const [client] = await connectMany(server, 1);
    const { code, ms } = await server.stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(1500 + LATE_MS);
    expect((await client.closed).code).toBe(1012);
  });
});

describe('a port in use', () => {
  it('is reported on standard error and makes the process exit with 1', async () => {
    const first = await ProcessServer.start();
    const second = ProcessServer.spawn(['--port', String(first.port)]);
    const { code, ms } = await second.exit;
    expect(code).toBe(1);
    expect(ms).toBeLessThan(PATIENCE_MS);
    const message = 'another program uses this port (choose another one with --port)';
    expect(second.errors).toBe(`signalbox: cannot listen on 127.0.0.1 port ${first.port}: ${message}\n`);
    expect(second.lines.filter(({ msg }) => msg === 'listening')).toEqual([]);
    // The first server is not affected.
    const [client] = await connectMany(first, 1);
    expect(await client.drain()).toEqual([]);
  });
});

async function shareRoom(clients: readonly ConnectorClient[], room: string): Promise<void> {
  const [host, ...guests] = clients;
  await host.ask({ event: 'Create_Room', data: { room } });
  for (const guest of guests) {
    guest.send({ event: 'Join_Room', data: { room } });
    await guest.next('Client_Added');
  }
}
