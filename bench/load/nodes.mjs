/** Pairs of clients on different nodes, and on the same node for comparison. */
import { CLIENTS } from '../clients/index.mjs';
import { openPairs, pace, saturate } from './pairs.mjs';

/** @param {{ targets: 'one node' | 'two nodes' }} parameters */
export async function nodes({ ports, pids, redisPid, targets, pairs: count, message, window, perSecond, ...times }) {
  const sides = targets === 'one node' ? [ports[0], ports[0]] : ports;
  const pairs = await openPairs(CLIENTS.connector, sides, count, message);
  const all = [...pids, redisPid];
  const drive = window
    ? saturate(pairs, { window, ...times, pids: all })
    : pace(pairs, { perSecond, ...times, pids: all });
  const { used, messages, p50, p99, perSecond: rate, generatorBusy } = await drive;
  return {
    'nodes us': (used[0] + used[1]) / messages,
    'Redis us': used[2] / messages,
    'p50 ms': p50,
    'p99 ms': p99,
    'msg/s': rate,
    'generator busy': generatorBusy,
  };
}
