/** Measures the CPU time of a connect, and the memory of an idle connection. */
import { CLIENTS, openClients } from '../clients/index.mjs';
import { measuring, rssBytes, sleep } from './measure.mjs';

export async function idle({ port, pid, client, connections, restMs }) {
  const open = (count) => openClients(CLIENTS[client], port, count);
  const half = connections / 2;
  // By then, the server has used up the memory left over from its start.
  const warmUp = connections / 5;
  await open(warmUp);
  const before = rssBytes(pid);
  // By then, V8 has compiled the hot code.
  await open(half - warmUp);
  const end = measuring([pid]);
  await open(connections - half);
  const { cpuUs, generatorBusy } = end();
  await sleep(restMs);
  return {
    'CPU us until ready': cpuUs / (connections - half),
    'RSS bytes': (rssBytes(pid) - before) / (connections - warmUp),
    'generator busy': generatorBusy,
  };
}
