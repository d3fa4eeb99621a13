import { until } from './peerjs-socket.js';
import { freePort, RedisServer, type SharedRedis } from './redis-server.js';

const MASTERS = 3;
const SLOTS = 16_384;

const SETTINGS = [...RedisServer.IN_MEMORY, 'cluster-enabled yes', 'cluster-node-timeout 1000'];

/** A Redis Cluster of three masters, each with a third of the slots. */
export class RedisCluster implements SharedRedis {
  private constructor(readonly masters: readonly RedisServer[]) {}

  /**
   * Starts a cluster. Resolves once all slots are served.
   * @param settings more lines of each master's configuration file
   */
  static async start(settings: readonly (readonly string[])[] = []): Promise<RedisCluster> {
    const busPorts = [await freePort(), await freePort(), await freePort()];
    const start = (busPort: number, index: number) =>
      RedisServer.start([...SETTINGS, `cluster-port ${busPort}`, ...(settings[index] ?? [])]);
    const masters = await Promise.all(busPorts.map(start));
    const bound = (index: number): number => Math.floor((index * SLOTS) / MASTERS);
    for (const [i, master] of masters.entries()) {
      await master.ask((redis) => redis.call('CLUSTER', 'ADDSLOTSRANGE', bound(i), bound(i + 1) - 1));
      // Servers that meet with equal epochs need a while to resolve the conflict.
      await master.ask((redis) => redis.call('CLUSTER', 'SET-CONFIG-EPOCH', i + 1));
    }
    for (const [i, { port }] of masters.entries()) {
      await masters[0].ask((redis) => redis.call('CLUSTER', 'MEET', '127.0.0.1', port, busPorts[i]));
    }
    const cluster = new RedisCluster(masters);
    await cluster.isServed();
    return cluster;
  }

  get url(): string {
    return `redis-cluster://${this.masters.map(({ address }) => address).join(',')}`;
  }

  async keys(): Promise<string[]> {
    return (await Promise.all(this.masters.map((master) => master.keys()))).flat().sort();
  }

  async kill(): Promise<void> {
    await Promise.all(this.masters.map((master) => master.kill()));
  }

  async restart(): Promise<void> {
    await Promise.all(this.masters.map((master) => master.restart()));
    await this.isServed();
  }

  /** Waits until every master considers all slots served. */
  async isServed(): Promise<void> {
    await until(async () => {
      const infos = await Promise.all(this.masters.map((master) => master.ask((redis) => redis.cluster('INFO'))));
      return infos.every((info) => info.includes('cluster_state:ok') && info.includes(`cluster_size:${MASTERS}`));
    });
  }
}
