import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Authority, type IssuedFiles } from '../../support/authority.js';
import { Nodes } from '../../support/nodes.js';
import { until } from '../../support/peerjs-socket.js';
import { freePort } from '../../support/ports.js';
import { ProcessServer } from '../../support/process-server.js';
import { RedisCluster } from '../../support/redis-cluster.js';
import { RedisServer, type SharedRedis } from '../../support/redis-server.js';
import { atTeardown } from '../../support/teardown.js';

const DOWN = 'Redis cannot be reached';
const NAME = 'redis.example';
const GROUP = 'mymaster';

let authority: Authority;
let other: Authority;
let server: IssuedFiles;
let client: IssuedFiles;
let stranger: IssuedFiles;

beforeAll(() => {
  authority = new Authority();
  other = new Authority();
  server = authority.issue('server', `DNS:${NAME}`);
  client = authority.issue('client');
  stranger = other.issue('stranger');
});

afterEach(() => Nodes.endAll());

/** Settings of a Redis that takes TLS connections with certificates of the authority on another port. */
function tlsSettings(port: number, certificate = server): string[] {
  const { cert, key } = certificate;
  return [`tls-port ${port}`, `tls-cert-file ${cert}`, `tls-key-file ${key}`, `tls-ca-cert-file ${authority.cert}`];
}

/** Flags of a server that trusts the authority, shows it a certificate, and knows the name of its Redis. */
function tlsFlags({ ca = authority.cert, shown = client, name = NAME } = {}): string[] {
  const own = ['--redis-cert-file', shown.cert, '--redis-key-file', shown.key];
  return ['--redis-ca-file', ca, ...own, '--redis-tls-server-name', name];
}

/** Starts a Redis with TLS. Returns its TLS port and the server. */
async function startRedis(certificate = server): Promise<{ port: number; redis: RedisServer }> {
  const port = await freePort();
  const redis = await RedisServer.start([...RedisServer.IN_MEMORY, ...tlsSettings(port, certificate)]);
  return { port, redis };
}

async function single(): Promise<SharedRedis> {
  const { port, redis } = await startRedis();
  return at(redis, `rediss://127.0.0.1:${port}`);
}

async function sentinel(): Promise<SharedRedis> {
  const { port, redis } = await startRedis();
  const own = await freePort();
  const watched = [`sentinel monitor ${GROUP} 127.0.0.1 ${port} 1`, 'tls-replication yes'];
  await RedisServer.start([...watched, ...tlsSettings(own)], ['--sentinel']);
  return at(redis, `rediss-sentinel://127.0.0.1:${own}/${GROUP}`);
}

async function cluster(): Promise<SharedRedis> {
  const ports = [await freePort(), await freePort(), await freePort()];
  const settings = ports.map((port) => [...tlsSettings(port), 'tls-cluster yes']);
  const redis = await RedisCluster.start(settings);
  return at(redis, `rediss-cluster://${ports.map((port) => `127.0.0.1:${port}`).join(',')}`);
}

/** A Redis that nodes reach at another URL than the tests. */
function at(redis: SharedRedis, url: string): SharedRedis {
  const [keys, kill, restart] = [() => redis.keys(), () => redis.kill(), () => redis.restart()];
  return { url, keys, kill, restart };
}

/** Starts a server without Redis. Returns the reason that its log names. */
async function reasonOf(url: string, flags: readonly string[]): Promise<unknown> {
  const process = ProcessServer.spawn(['--redis', url, ...flags]);
  const { reason } = await process.line(DOWN);
  await process.stop('SIGKILL');
  return reason;
}

describe('over TLS with client certificates, two nodes relay signals and leave nothing behind:', () => {
  it.each([
    ['a Redis', single],
    ['sentinels', sentinel],
    ['a Redis Cluster', cluster],
  ])('%s', async (_, start) => {
    const redis = await start();
    const nodes = await Nodes.start(redis, 2, { flags: tlsFlags() });
    const [ada, ben] = [await nodes.at(0).peer('ada'), await nodes.at(1).peer('ben')];
    ada.send({ type: 'OFFER', dst: 'ben', payload: { sdp: 'v=0' } });
    expect(await ben.next('OFFER')).toMatchObject({ src: 'ada', payload: { sdp: 'v=0' } });
    for (const { ws } of [ada, ben]) ws.close();
    await until(async () => (await nodes.at(0).clients())?.length === 0);
    await nodes.stop();
  });
});

it('checks the address that it connects to without redisTlsServerName', async () => {
  const { port } = await startRedis(authority.issue('local', 'IP:127.0.0.1'));
  const flags = tlsFlags().slice(0, -2);
  const process = await ProcessServer.start(['--redis', `rediss://127.0.0.1:${port}`, ...flags]);
  expect(process.lines.map(({ msg }) => msg)).not.toContain(DOWN);
  await process.stop();
});

it('uses certificates that are replaced on disk for the next connection, without a restart', async () => {
  const { port } = await startRedis();
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-rotated-'));
  atTeardown(() => rmSync(folder, { recursive: true }));
  const shown = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  const replace = ({ cert, key }: IssuedFiles): void => {
    copyFileSync(cert, shown.cert);
    copyFileSync(key, shown.key);
  };
  replace(stranger);
  const process = ProcessServer.spawn(['--redis', `rediss://127.0.0.1:${port}`, ...tlsFlags({ shown })]);
  await process.line(DOWN);
  // A pair that does not match is not used.
  copyFileSync(client.cert, shown.cert);
  replace(client);
  await process.line('Redis can be reached again');
  await process.stop();
});

describe.each(['rediss', 'rediss-sentinel', 'rediss-cluster'])('the log states the reason if, with %s,', (scheme) => {
  const urlOf = (port: number): string =>
    `${scheme}://127.0.0.1:${port}${scheme === 'rediss-sentinel' ? `/${GROUP}` : ''}`;

  it.each([
    [
      'nothing trusts the certificate of Redis',
      () => [],
      /^the certificate of Redis is from an authority that is not trusted: name its file in redisCaFile \(/,
    ],
    [
      'another authority is trusted',
      () => tlsFlags({ ca: other.cert }),
      /^the certificate of Redis is from an authority that is not trusted: name its file in redisCaFile \(/,
    ],
    [
      'the certificate of Redis is for another name',
      () => tlsFlags({ name: 'other.example' }),
      /^the certificate of Redis is for another name: give it in redisTlsServerName \(.*other\.example/,
    ],
    [
      'Redis wants a client certificate',
      () => ['--redis-ca-file', authority.cert, '--redis-tls-server-name', NAME],
      /^Redis wants a certificate of its clients: give redisCertFile and redisKeyFile \(/,
    ],
    [
      'Redis does not trust the client certificate',
      () => tlsFlags({ shown: stranger }),
      /^Redis does not trust the certificate in redisCertFile \(/,
    ],
  ])('%s', async (_, flags, reason) => {
    const { port } = await startRedis();
    expect(await reasonOf(urlOf(port), flags())).toMatch(reason);
  });
});

describe('options that cannot be used are rejected in one line:', () => {
  it.each([
    [
      'a CA file for a URL without TLS',
      () => ['redis://127.0.0.1:1', '--redis-ca-file', authority.cert],
      /^redisCaFile \(flag --redis-ca-file\) needs a URL with TLS in redis, such as rediss:\/\/HOST:6379, got '.*'$/,
    ],
    [
      'a server name for a URL without TLS',
      () => ['redis://127.0.0.1:1', '--redis-tls-server-name', NAME],
      /^redisTlsServerName \(flag --redis-tls-server-name\) needs a URL with TLS in redis/,
    ],
    [
      'an address as the server name',
      () => ['rediss://127.0.0.1:1', '--redis-tls-server-name', '127.0.0.1'],
      /^redisTlsServerName \(flag --redis-tls-server-name\) must be a host name, no IP address/,
    ],
    [
      'a certificate without its key',
      () => ['rediss://127.0.0.1:1', '--redis-cert-file', client.cert],
      /^redisCertFile \(flag --redis-cert-file\) must be given together with redisKeyFile/,
    ],
    [
      'a key without its certificate',
      () => ['rediss://127.0.0.1:1', '--redis-key-file', client.key],
      /^redisCertFile \(default\) must be given together with redisKeyFile/,
    ],
    [
      'the key of another certificate',
      () => ['rediss://127.0.0.1:1', '--redis-cert-file', client.cert, '--redis-key-file', stranger.key],
      /^redisCertFile \(flag --redis-cert-file\) cannot be used: redisKeyFile \(.*stranger\.key\) is not the private key of the certificate in redisCertFile \(.*client\.crt\), got '.*client\.crt'$/,
    ],
    [
      'a key as the CA file',
      () => ['rediss://127.0.0.1:1', '--redis-ca-file', client.key],
      /^redisCaFile \(flag --redis-ca-file\) cannot be used: redisCaFile \(.*client\.key\) is not a certificate in PEM: /,
    ],
    [
      'a CA file that does not exist',
      () => ['rediss://127.0.0.1:1', '--redis-ca-file', '/nothing/here.pem'],
      /^redisCaFile \(flag --redis-ca-file\) must be the path of a file that can be read, got '\/nothing\/here\.pem'$/,
    ],
  ])('%s', async (_, flags, line) => {
    const process = ProcessServer.spawn(['--redis', ...flags()]);
    expect((await process.exit).code).toBe(2);
    const [first, ...rest] = process.errors.split('\n');
    expect(first.replace(/^signalbox: /, '')).toMatch(line);
    expect(rest).toEqual(['']);
    expect(process.lines).toEqual([]);
  });
});
