/** Measures messages from client to client, as fast as possible and at a fixed rate. */
import { CLIENTS } from '../clients/index.mjs';
import { openPairs, pace, saturate } from './pairs.mjs';

export async function relay({ port, pid, client, pairs: count, message, window, ...times }) {
  const pairs = await openPairs(CLIENTS[client], [port, port], count, message);
  const { cpuUs, messages, perSecond, generatorBusy } = await saturate(pairs, { window, ...times, pids: [pid] });
  return { 'CPU us': cpuUs / messages, 'msg/s': perSecond, 'generator busy': generatorBusy };
}

export async function paced({ port, pid, client, pairs: count, message, perSecond, ...times }) {
  const pairs = await openPairs(CLIENTS[client], [port, port], count, message);
  const { p50, p99, cpuUs, messages, generatorBusy } = await pace(pairs, { perSecond, ...times, pids: [pid] });
  return { 'p50 ms': p50, 'p99 ms': p99, 'CPU us': cpuUs / messages, 'generator busy': generatorBusy };
}
