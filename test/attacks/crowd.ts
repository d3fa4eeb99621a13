import { setTimeout as sleep } from 'node:timers/promises';
import { becomes } from '../support/becomes.js';
import { ConnectorLoad, EasyRtcLoad, type LoadClient, PeerJsLoad } from '../support/load-clients.js';

const CLIENTS = 100;
const PERIOD_MS = 50;
const MESSAGES_PER_PERIOD = 20;
/** Time limit for the last messages, on a machine that is busy with other things. */
const PATIENCE_MS = 30_000;

/** A hundred clients of the three protocols that send one another messages at a steady rate. */
export class Crowd {
  /** Messages lost, duplicated or out of order, errors, and closed connections. */
  readonly problems: string[] = [];
  private readonly clients: LoadClient[] = [];
  private latenciesMs: number[] = [];
  private sent = 0;

  /** Connects all clients. */
  static async connect(url: string, wsUrl: string): Promise<Crowd> {
    const crowd = new Crowd();
    const complain = (problem: string): void => void crowd.problems.push(problem);
    for (let i = 0; i < CLIENTS; i++) {
      const Kind = [ConnectorLoad, PeerJsLoad, EasyRtcLoad][i % 3];
      const client = new Kind(Kind === EasyRtcLoad ? url : wsUrl, complain);
      client.onLatency = (ms) => void crowd.latenciesMs.push(ms);
      await client.open();
      crowd.clients.push(client);
    }
    return crowd;
  }

  /**
   * Sends messages until `scene` ends, and waits until all of them have arrived.
   * @returns the 99th percentile of their latencies, in milliseconds
   */
  async talkDuring(scene: Promise<unknown>): Promise<number> {
    this.latenciesMs = [];
    let isOver = false;
    void scene.finally(() => (isOver = true));
    while (!isOver) {
      for (let i = 0; i < MESSAGES_PER_PERIOD; i++) this.sendOne();
      await sleep(PERIOD_MS);
    }
    await scene;
    await becomes(() => this.clients.reduce((sum, { count }) => sum + count, 0), this.sent, PATIENCE_MS);
    const sorted = this.latenciesMs.sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length * 0.99)];
  }

  /** Closes all clients. */
  leave(): void {
    for (const client of this.clients) client.end(true);
  }

  /** Sends the next message: the clients take turns, and each writes to its neighbors in turn. */
  private sendOne(): void {
    const round = Math.floor(this.sent / CLIENTS);
    const from = this.clients[this.sent % CLIENTS];
    const to = this.clients[(this.sent + 1 + (round % 7)) % CLIENTS];
    from.sendTo(to.id, true);
    this.sent++;
  }
}
