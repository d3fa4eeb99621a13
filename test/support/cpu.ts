/**
 * Measures the CPU time of this process for a piece of work, in milliseconds. Other load of the machine has little
 * effect.
 */
export async function cpuMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
