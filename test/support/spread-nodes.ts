import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { NodeCalls } from '../../src/common/node-calls.js';
import type { Config } from '../../src/config/config.js';
import { ARRIVALS } from './arrivals.js';
import { RedisServer } from './redis-server.js';
import type { TestServer } from './server.js';

const HOST = '127.0.0.1';
const ARRIVAL = 'has arrived';
const ARRIVAL_MS = 5000;
const GOODBYE_MS = 1000;

/** Session id in engine.io's handshake response, and in later requests. */
const TOLD_SID = /"sid":"([\w-]+)"/;
const SHOWN_SID = /^[^\r\n]*[?&]sid=([\w-]+)/;
/** First request of a client. Other HTTP requests in between must not change the assignment of clients to nodes. */
const COMES = /^[^\r\n]*[?&]EIO=|\r\nupgrade: *websocket/i;

/** Long enough that a machine under load does not make Redis look dead. Outages are tested elsewhere. */
const REDIS_TIMEOUT_MS = 10_000;

/** Redis of this test file, started on first use. */
let redis: Promise<RedisServer> | undefined;
const running = new Set<TestServer>();

/** Hooks run in the order of registration. The test file's hook comes later, and its servers still need Redis. */
afterAll(async () => {
  await Promise.all([...running].map((server) => server.close()));
  if (redis) await RedisServer.killAll();
});

/** Starts several nodes that share a Redis behind one port. Each new client reaches the next node. */
export async function startSpread(
  count: number,
  startOne: (own: Partial<Config>) => Promise<TestServer>,
): Promise<TestServer> {
  redis ??= RedisServer.start(RedisServer.IN_MEMORY);
  const { url } = await redis;
  const redisPrefix = randomUUID();
  const names = Array.from({ length: count }, (_, index) => `node-${index + 1}`);
  const shared = { redis: url, redisPrefix, redisTimeoutMs: REDIS_TIMEOUT_MS };
  const nodes = await Promise.all(names.map((nodeName) => startOne({ ...shared, nodeName })));
  const balancer = new Balancer(nodes.map(({ port }) => port));
  const port = await balancer.listen();

  // A node reads its messages in order, so an answer follows everything sent before the question.
  const everywhere: TestServer['everywhere'] = (type) => nodes.flatMap((node) => node.everywhere(type));
  const calls = everywhere(NodeCalls);
  for (const its of calls) its.handle(ARRIVAL, () => null);
  const arrival = () => Promise.all(names.map((name) => calls[0].call(name, ARRIVAL, null, ARRIVAL_MS)));
  ARRIVALS.add(arrival);

  const close = async (): Promise<void> => {
    ARRIVALS.delete(arrival);
    await Promise.all([balancer.close(), ...nodes.map((node) => node.close())]);
    running.delete(server);
  };
  let closed: Promise<void> | undefined;
  const server: TestServer = {
    app: nodes[0].app,
    port,
    url: `http://${HOST}:${port}`,
    wsUrl: `ws://${HOST}:${port}`,
    everywhere,
    close: () => (closed ??= close()),
  };
  running.add(server);
  return server;
}

/** Distributes TCP connections over the nodes in turn, and keeps engine.io sessions on the node that opened them. */
class Balancer {
  private readonly server: Server;
  private readonly clients = new Set<Socket>();
  /** Connections without a request so far. */
  private readonly silent = new Set<Socket>();
  private readonly sessions = new Map<string, number>();
  private readonly turns = { clients: 0, others: 0 };

  constructor(private readonly ports: readonly number[]) {
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.accept(socket));
  }

  async listen(): Promise<number> {
    this.server.listen(0, HOST);
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  /** Closes all connections, also to nodes: clients that do not read would never notice the end. */
  async close(): Promise<void> {
    this.server.close();
    for (const client of this.silent) client.destroy();
    const timer = setTimeout(() => this.clients.forEach((client) => client.destroy()), GOODBYE_MS);
    await once(this.server, 'close');
    clearTimeout(timer);
  }

  private accept(client: Socket): void {
    this.clients.add(client);
    this.silent.add(client);
    client.on('close', () => {
      this.clients.delete(client);
      this.silent.delete(client);
    });
    client.on('error', () => client.destroy());
    client.once('data', (chunk: Buffer) => {
      this.silent.delete(client);
      client.pause();
      const port = this.portFor(chunk.toString('latin1'));
      const server = connect({ port, host: HOST, allowHalfOpen: true, noDelay: true });
      server.on('error', () => client.resetAndDestroy());
      server.on('close', () => client.destroy());
      client.on('close', () => server.destroy());
      server.on('data', (data: Buffer) => {
        const sid = TOLD_SID.exec(data.toString('latin1'))?.[1];
        if (sid !== undefined) this.sessions.set(sid, port);
      });
      server.write(chunk);
      client.pipe(server);
      server.pipe(client);
    });
  }

  private portFor(start: string): number {
    const sid = SHOWN_SID.exec(start)?.[1];
    const known = sid === undefined ? undefined : this.sessions.get(sid);
    if (known !== undefined) return known;
    const turn = COMES.test(start) ? this.turns.clients++ : this.turns.others++;
    return this.ports[turn % this.ports.length];
  }
}
