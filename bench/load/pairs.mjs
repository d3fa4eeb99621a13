/** Pairs of clients that exchange messages and check that each arrives once and in order. */
import { FIRST_NUMBER, NumberedFrame } from '../clients/frames.mjs';
import { openClients } from '../clients/index.mjs';
import { payload } from '../clients/payload.mjs';
import { measuring, sleep, until } from './measure.mjs';

/** Time to wait for duplicates, which may arrive late. */
const AFTERMATH_MS = 100;

export class Pair {
  /** @type {(latencyMs: number) => void} */
  onArrival = () => {};
  #sender;
  #frame;
  #payloadBytes;
  #sent = 0;
  #arrived = 0;
  #sentAt = [];

  constructor(Client, sender, receiver, message) {
    this.clients = [sender, receiver];
    this.#sender = sender;
    this.#frame = new NumberedFrame(Client.relayText(message, receiver.id));
    this.#payloadBytes = payload(message).length;
    receiver.onRelayed = (number, frame) => this.#onRelayed(number, frame);
  }

  get isIdle() {
    return this.#arrived === this.#sent;
  }

  get isSettled() {
    return this.isIdle && this.#sender.unanswered === 0;
  }

  send(count) {
    const now = performance.now();
    for (let i = 0; i < count; i++) this.#sentAt.push(now);
    this.#sender.relay(this.#frame, FIRST_NUMBER + this.#sent, count);
    this.#sent += count;
  }

  #onRelayed(number, frame) {
    const due = FIRST_NUMBER + this.#arrived;
    if (number !== due || this.isIdle) throw new Error(`message ${number} came where ${due} was due`);
    if (frame.length < this.#payloadBytes) throw new Error(`message ${number} was cut short`);
    this.onArrival(performance.now() - this.#sentAt[this.#arrived++]);
  }
}

/** @param ports of the node of the senders and of the node of the receivers */
export async function openPairs(Client, [from, to], count, message) {
  // Sender and receiver alternate, so that clients that share a room by order of connection share it with their
  // partner.
  if (from === to) {
    const clients = await openClients(Client, from, 2 * count);
    return Array.from({ length: count }, (_, i) => new Pair(Client, clients[2 * i], clients[2 * i + 1], message));
  }
  const senders = await openClients(Client, from, count);
  const receivers = await openClients(Client, to, count);
  return senders.map((sender, i) => new Pair(Client, sender, receivers[i], message));
}

/**
 * Sends as fast as possible: each pair keeps a number of messages in flight, and sends the next ones when they arrive.
 */
export async function saturate(pairs, { window, seconds, warmUpMs, pids }) {
  let isOver = false;
  const next = (pair) => {
    if (!isOver && pair.isIdle) pair.send(window);
  };
  const finish = count(pairs, next);
  pairs.forEach(next);
  await sleep(warmUpMs);
  const findings = await finish(pids, () => sleep(seconds * 1000));
  isOver = true;
  await settle(pairs);
  await sleep(AFTERMATH_MS);
  return findings;
}

/** Sends at a fixed rate, spread over all pairs. */
export async function pace(pairs, { perSecond, seconds, warmUpMs, pids }) {
  const finish = count(pairs);
  let sent = 0;
  const drive = async (ms) => {
    const startedAt = performance.now();
    const already = sent;
    for (let elapsed = 0; elapsed < ms; elapsed = performance.now() - startedAt) {
      const due = already + (elapsed / 1000) * perSecond;
      while (sent < due) pairs[sent++ % pairs.length].send(1);
      await sleep(1);
    }
  };
  await drive(warmUpMs);
  const findings = await finish(pids, async () => {
    await drive(seconds * 1000);
    await settle(pairs);
  });
  await sleep(AFTERMATH_MS);
  return findings;
}

/** Counts arrivals during some work. */
function count(pairs, afterEach = () => {}) {
  let latencies = [];
  for (const pair of pairs) {
    pair.onArrival = (latencyMs) => {
      latencies.push(latencyMs);
      afterEach(pair);
    };
  }
  return async (pids, work) => {
    latencies = [];
    const end = measuring(pids);
    await work();
    const { ms, ...findings } = end();
    const sorted = Float64Array.from(latencies).sort();
    const quantile = (q) => sorted[Math.floor(sorted.length * q)];
    const perSecond = (sorted.length / ms) * 1000;
    return { ...findings, messages: sorted.length, perSecond, p50: quantile(0.5), p99: quantile(0.99) };
  };
}

/** Waits until all messages have arrived and are acknowledged. */
async function settle(pairs) {
  await until(() => pairs.every(({ isSettled }) => isSettled), 'messages that were sent, or the answers to them');
}
