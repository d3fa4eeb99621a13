import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { until } from '../../support/peerjs-socket.js';
import { freePort } from '../../support/ports.js';
import { type LogLine, ProcessServer } from '../../support/process-server.js';
import { RedisServer } from '../../support/redis-server.js';

const PASSWORD = 'pass-word-of-redis';
const DOWN = 'Redis cannot be reached';

const servers: Server[] = [];

afterEach(async () => {
  await ProcessServer.killAll();
  await RedisServer.killAll();
  for (const server of servers.splice(0)) server.close();
});

async function listenWith(server: Server): Promise<number> {
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

/** Starts a server without Redis. Resolves with its log line about the outage. */
async function outageOf(url: string, until = DOWN): Promise<LogLine> {
  const server = ProcessServer.spawn(['--redis', url]);
  await server.line(until);
  const text = JSON.stringify(server.lines);
  expect(text).not.toContain(PASSWORD);
  expect(text).not.toContain('stack');
  const troubles = server.lines.filter(({ level }) => level > 30);
  expect(troubles.map(({ msg }) => msg)).toEqual([DOWN]);
  await server.stop('SIGKILL');
  return troubles[0];
}

describe('without a server at the address of Redis', () => {
  it.each([
    ['a Redis', 'redis', ''],
    ['a Redis Cluster', 'redis-cluster', ''],
    ['sentinels', 'redis-sentinel', '/group'],
  ])('the log reports it once, with address and reason: %s', async (_, scheme, path) => {
    const port = await freePort();
    // The server waits for Redis for some seconds before it listens.
    const line = await outageOf(`${scheme}://:${PASSWORD}@127.0.0.1:${port}${path}`, 'listening');
    expect(line).toHaveProperty('redis', `127.0.0.1:${port}`);
    expect(line.reason).toContain('ECONNREFUSED');
  });

  it('the log reports when Redis becomes available', async () => {
    const port = await freePort();
    const server = ProcessServer.spawn(['--redis', `redis://127.0.0.1:${port}`]);
    await server.line(DOWN);
    await RedisServer.start([...RedisServer.IN_MEMORY], [], port);
    const line = await server.line('Redis can be reached again');
    expect(line).toHaveProperty('redis', `127.0.0.1:${port}`);
    expect(line.afterSeconds).toBeGreaterThanOrEqual(0);
  });
});

it('logs one line at the start of a Redis outage and one at its end', async () => {
  const redis = await RedisServer.start(RedisServer.IN_MEMORY);
  const server = await ProcessServer.start(['--redis', redis.url]);
  expect(server.lines.filter(({ level }) => level > 30)).toEqual([]);
  for (let outages = 1; outages <= 2; outages++) {
    const count = (msg: string) => server.lines.filter((line) => line.msg === msg).length;
    await redis.kill();
    await until(() => count(DOWN) === outages);
    await redis.restart();
    await until(() => count('Redis can be reached again') === outages);
    expect(count(DOWN)).toBe(outages);
  }
  expect(JSON.stringify(server.lines)).not.toContain('stack');
});

describe('the log line states the reason if', () => {
  it.each([
    ['the password is wrong', 'other', `:${PASSWORD}@`, /^the user name or password is wrong \(WRONGPASS/],
    ['the password is missing', 'other', '', /^the user name or password is wrong \(NOAUTH/],
    ['the user does not exist', '', `nobody:${PASSWORD}@`, /^the user name or password is wrong \(WRONGPASS/],
  ])('%s', async (_, password, user, reason) => {
    const redis = await RedisServer.start(RedisServer.IN_MEMORY);
    await redis.ask((client) => client.config('SET', 'requirepass', password));
    const { reason: told } = await outageOf(redis.url.replace('//', `//${user}`));
    expect(told).toMatch(reason);
  });

  it('Redis does not speak TLS', async () => {
    const redis = await RedisServer.start(RedisServer.IN_MEMORY);
    expect((await outageOf(redis.url.replace('redis:', 'rediss:'))).reason).toMatch(/TLS/);
  });

  it('Redis is not a cluster', async () => {
    const redis = await RedisServer.start(RedisServer.IN_MEMORY);
    const { reason } = await outageOf(redis.url.replace('redis:', 'redis-cluster:'));
    expect(reason).toMatch(/^this Redis is not a cluster/);
  });

  it('sentinels do not know the group', async () => {
    const sentinel = await RedisServer.start([], ['--sentinel']);
    const { reason, redis } = await outageOf(`redis-sentinel://${sentinel.address}/nothing`);
    expect(redis).toBe(sentinel.address);
    expect(reason).toMatch(/sentinels/i);
  });

  it('a web server answers', async () => {
    const port = await listenWith(createHttpServer());
    expect((await outageOf(`redis://127.0.0.1:${port}`)).reason).toMatch(
      /^the server at this address is not Redis|^it accepts connections and closes them/,
    );
  });

  it('the server closes every connection', async () => {
    const port = await listenWith(createServer((socket) => socket.end()));
    expect((await outageOf(`redis://127.0.0.1:${port}`)).reason).toMatch(
      /^it accepts connections and closes them|ECONNRESET/,
    );
  });

  it('the server does not answer', async () => {
    const port = await listenWith(createServer((socket) => socket.on('error', () => undefined).resume()));
    expect((await outageOf(`redis://127.0.0.1:${port}`)).reason).toMatch(/^no answer in time|is not ready/);
  });

  it('Redis speaks TLS only', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-redis-tls-'));
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(folder, name));
    const flags = ['-nodes', '-keyout', key, '-out', cert, '-days', '1', '-subj', '/CN=a'];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', ...flags], { stdio: 'pipe' });
    const tls = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) });
    rmSync(folder, { recursive: true });
    const port = await listenWith(tls.on('tlsClientError', () => undefined));
    expect((await outageOf(`redis://127.0.0.1:${port}`)).reason).toMatch(/TLS/);
    expect((await outageOf(`rediss://127.0.0.1:${port}`)).reason).toMatch(/certificate/);
  });
});
