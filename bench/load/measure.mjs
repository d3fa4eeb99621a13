/** Measures the CPU time and memory of processes. */
import { readdirSync, readFileSync } from 'node:fs';

/** Returns the CPU time of a process (utime + stime), which the scheduler counts in nanoseconds. */
export function cpuUs(pid) {
  const threads = readdirSync(`/proc/${pid}/task`);
  const ns = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  );
  return ns.reduce((sum, value) => sum + value, 0) / 1000;
}

export function rssBytes(pid) {
  const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kib) * 1024;
}

/** Starts a measurement. The returned function ends it and returns the usage of each process. */
export function measuring(pids) {
  const startedAt = performance.now();
  const own = process.cpuUsage();
  const before = pids.map(cpuUs);
  return () => {
    const used = pids.map((pid, index) => cpuUs(pid) - before[index]);
    const ms = performance.now() - startedAt;
    const { user, system } = process.cpuUsage(own);
    return { ms, used, cpuUs: used.reduce((sum, us) => sum + us, 0), generatorBusy: (user + system) / 1000 / ms };
  };
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits for a condition. @throws Error after some time: then a message was lost */
export async function until(isSo, what, patienceMs = 10_000) {
  const deadline = performance.now() + patienceMs;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`lost: ${what}`);
    await sleep(2);
  }
}
