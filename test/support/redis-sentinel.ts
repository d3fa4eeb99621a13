import { until } from './peerjs-socket.js';
import { RedisServer, type SharedRedis } from './redis-server.js';

const NAME = 'mymaster';
const SENTINELS = 3;

/** A master, its replica, and three sentinels that promote the replica when the master dies. */
export class RedisSentinel implements SharedRedis {
  private constructor(
    private readonly servers: readonly RedisServer[],
    private readonly sentinels: readonly RedisServer[],
  ) {}

  /** Starts all servers. Resolves once the sentinels know one another and the replica. */
  static async start(): Promise<RedisSentinel> {
    const master = await RedisServer.start(RedisServer.IN_MEMORY);
    const replica = await RedisServer.start([...RedisServer.IN_MEMORY, `replicaof 127.0.0.1 ${master.port}`]);
    const settings = [
      `sentinel monitor ${NAME} 127.0.0.1 ${master.port} 2`,
      `sentinel down-after-milliseconds ${NAME} 1000`,
      `sentinel failover-timeout ${NAME} 3000`,
    ];
    const sentinels: RedisServer[] = [];
    while (sentinels.length < SENTINELS) sentinels.push(await RedisServer.start(settings, ['--sentinel']));
    const sentinel = new RedisSentinel([master, replica], sentinels);
    await sentinel.isWatched();
    return sentinel;
  }

  get url(): string {
    return `redis-sentinel://${this.sentinels.map(({ address }) => address).join(',')}/${NAME}`;
  }

  async keys(): Promise<string[]> {
    return (await this.master()).keys();
  }

  async kill(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.kill()));
  }

  async restart(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.restart()));
    await this.isWatched();
  }

  /** Kills the master, and waits until the sentinels have promoted the replica. */
  async failOver(): Promise<void> {
    const former = await this.master();
    await former.kill();
    await until(async () => {
      const ports = new Set(await Promise.all(this.sentinels.map(masterPort)));
      if (ports.size !== 1 || ports.has(former.port)) return false;
      return (await roleOf(await this.master())) === 'master';
    });
  }

  private async master(): Promise<RedisServer> {
    const port = await masterPort(this.sentinels[0]);
    return this.servers.find((server) => server.port === port)!;
  }

  private async isWatched(): Promise<void> {
    await until(async () => {
      const views = await Promise.all(this.sentinels.map(viewOf));
      const isComplete = views.every(
        (view) => view['num-slaves'] === '1' && view['num-other-sentinels'] === '2' && view.flags === 'master',
      );
      return isComplete && (await roleOf(await this.master())) === 'master';
    });
  }
}

async function masterPort(sentinel: RedisServer): Promise<number> {
  const [, port] = await sentinel.ask(
    (redis) => redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME) as Promise<[string, string]>,
  );
  return Number(port);
}

/** Returns the state of the master as a sentinel reports it. */
async function viewOf(sentinel: RedisServer): Promise<Record<string, string>> {
  const answer = await sentinel.ask((redis) => redis.call('SENTINEL', 'MASTER', NAME));
  if (!Array.isArray(answer)) return answer as Record<string, string>;
  const words = answer as string[];
  return Object.fromEntries(words.flatMap((word, i) => (i % 2 === 0 ? [[word, words[i + 1]]] : [])));
}

async function roleOf(server: RedisServer): Promise<string> {
  const [role] = await server.ask((redis) => redis.call('ROLE') as Promise<[string]>);
  return role;
}
