/** Measures the time until a connecting client is registered in Redis. */
import { Redis } from 'ioredis';
import { CLIENTS, openClients } from '../clients/index.mjs';
import { measuring } from './measure.mjs';

export async function claims({ ports, pids, redisPort, redisPid, connections }) {
  const redis = new Redis({ port: redisPort });
  const memory = async () => Number(/used_memory:(\d+)/.exec(await redis.info('memory'))[1]);
  const before = await memory();
  const end = measuring([...pids, redisPid]);
  await openClients(CLIENTS.connector, ports[0], connections);
  const { ms, used, generatorBusy } = end();
  return {
    'nodes us': (used[0] + used[1]) / connections,
    'Redis us': used[2] / connections,
    'Redis bytes': ((await memory()) - before) / connections,
    'connections/s': (connections / ms) * 1000,
    'generator busy': generatorBusy,
  };
}
