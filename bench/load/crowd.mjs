/** Measures messages at a fixed rate beside idle clients, while other clients come and go. */
import { CLIENTS, openClients } from '../clients/index.mjs';
import { sleep } from './measure.mjs';
import { openPairs, pace } from './pairs.mjs';

const STEP_MS = 20;

export async function crowd({ port, pid, client, pairs: count, message, idle, connectsPerSecond, ...times }) {
  const Client = CLIENTS[client];
  const pairs = await openPairs(Client, [port, port], count, message);
  await openClients(Client, port, idle);
  const comings = new Comings(() => Client.open(port), connectsPerSecond);
  const ended = comings.run();
  const { p50, p99, cpuUs, messages, generatorBusy } = await pace(pairs, { ...times, pids: [pid] });
  comings.end();
  await ended;
  return {
    'p50 ms': p50,
    'p99 ms': p99,
    'CPU us': cpuUs / messages,
    'connects/s': comings.perSecond,
    'generator busy': generatorBusy,
  };
}

/** Clients that connect at a fixed rate. Each leaves as soon as it is ready. */
class Comings {
  #opened = 0;
  #isOver = false;
  #ms = 0;

  constructor(open, perSecond) {
    this.open = open;
    this.rate = perSecond;
  }

  get perSecond() {
    return (this.#opened / this.#ms) * 1000;
  }

  async run() {
    const startedAt = performance.now();
    const pending = new Set();
    let due = 0;
    while (!this.#isOver) {
      this.#ms = performance.now() - startedAt;
      while (due < (this.#ms / 1000) * this.rate) {
        due++;
        const visit = this.#visit().finally(() => pending.delete(visit));
        pending.add(visit);
      }
      await sleep(STEP_MS);
    }
    await Promise.all(pending);
  }

  end() {
    this.#isOver = true;
  }

  async #visit() {
    const client = await this.open();
    this.#opened++;
    client.cut();
  }
}
