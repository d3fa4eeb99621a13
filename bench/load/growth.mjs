/**
 * Measures the cost of operations while many clients are connected, each with a room of its own. Signals are queued and
 * expire for PeerJS clients; everything else uses Peer2Peer Connector.
 */
import { CLIENTS, openClients } from '../clients/index.mjs';
import { measuring, until } from './measure.mjs';
import { Pair, saturate } from './pairs.mjs';

const SENDERS = 20;
/** Below the queue limit of one sender. */
const SIGNALS = 50;
const MAX_PAIRS = 50;

export async function growth({ port, pid, clients: count, operations, ...times }) {
  const { connector: Connector, peerjs: PeerJs } = CLIENTS;
  const residents = await openClients(Connector, port, count);
  await inTurns(residents, (resident, i) => resident.createRoom(`room-${i}`));
  const senders = await openClients(PeerJs, port, SENDERS);
  const cost = costs(pid);
  const hosts = residents.slice(0, 1000);
  const guests = () => visits(Connector, port, hosts, cost);
  await guests();
  cost.reset();
  for (let done = 0; done < operations; done += hosts.length) await guests();
  const expiry = () => expire(PeerJs, senders);
  await expiry();
  for (let done = 0; done < operations; done += SENDERS * SIGNALS)
    await cost.of('an expiry', SENDERS * SIGNALS, expiry);
  const pairs = Array.from({ length: Math.min(MAX_PAIRS, count / 2) }, (_, i) => [
    residents[i],
    residents[count - 1 - i],
  ]).map(([sender, receiver]) => new Pair(Connector, sender, receiver, 'candidate'));
  const { cpuUs, messages } = await saturate(pairs, { window: 8, ...times, pids: [pid] });
  return { ...cost.each(), 'a relayed candidate': cpuUs / messages };
}

/** For each host, a guest connects, joins the room of the host, and leaves. The host must receive both changes. */
async function visits(Client, port, hosts, cost) {
  const heard = { joined: 0, left: 0 };
  for (const host of hosts) {
    host.onRoomChange = (change) => {
      if (++heard[change] > hosts.length) throw new Error(`${change} was heard twice`);
    };
  }
  let guests;
  await cost.of('a connect', hosts.length, async () => (guests = await openClients(Client, port, hosts.length)));
  await cost.of('a join', hosts.length, async () => {
    await inTurns(guests, (guest, i) => guest.joinRoom(`room-${i}`));
    await until(() => heard.joined === hosts.length, 'news of guests who joined');
  });
  await cost.of('a disconnect', hosts.length, async () => {
    for (const guest of guests) guest.cut();
    await until(() => heard.left === hosts.length, 'news of guests who left');
  });
}

/** Sends signals to clients that never connect. Each must expire exactly once. */
async function expire(Client, senders) {
  let expired = 0;
  for (const [s, sender] of senders.entries()) {
    const waiting = new Set(Array.from({ length: SIGNALS }, (_, i) => `absent-${s}-${i}`));
    sender.onExpired = (src) => {
      if (!waiting.delete(src)) throw new Error(`a signal to ${src} expired twice`);
      expired++;
    };
    for (const id of waiting) sender.send(Client.relayText('candidate', id));
  }
  await until(() => expired === SENDERS * SIGNALS, 'news of signals that expired');
}

/** Keeps a hundred requests in flight. */
async function inTurns(clients, ask) {
  for (let i = 0; i < clients.length; i += 100) {
    await Promise.all(clients.slice(i, i + 100).map((client, at) => ask(client, i + at)));
  }
}

function costs(pid) {
  const sums = {};
  return {
    async of(name, count, work) {
      const end = measuring([pid]);
      await work();
      sums[name] ??= { us: 0, count: 0 };
      sums[name].us += end().cpuUs;
      sums[name].count += count;
    },
    reset() {
      for (const name of Object.keys(sums)) delete sums[name];
    },
    each: () => Object.fromEntries(Object.entries(sums).map(([name, { us, count }]) => [name, us / count])),
  };
}
