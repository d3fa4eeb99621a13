/** What a connection costs until it is ready, and what memory it takes while it does nothing. */
import { CLIENTS, openClients } from '../clients/index.mjs';
import { measuring, rssBytes, sleep } from './measure.mjs';

export async function idle({ port, pid, client, connections, restMs }) {
  // By then a server has made use of the memory that its start has left over.
  const warmUp = connections / 5;
  const counted = connections - warmUp;
  await openClients(CLIENTS[client], port, warmUp);
  const before = rssBytes(pid);
  const end = measuring([pid]);
  await openClients(CLIENTS[client], port, counted);
  const { cpuUs, generatorBusy } = end();
  await sleep(restMs);
  return {
    'CPU us until ready': cpuUs / counted,
    'RSS bytes': (rssBytes(pid) - before) / counted,
    'generator busy': generatorBusy,
  };
}
