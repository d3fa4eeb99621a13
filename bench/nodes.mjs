/**
 * What it costs to be many nodes: two of them with one Redis, all on one core, this load generator on the other one. Each
 * pair has its clients on different nodes, and for comparison on the same one. Prints a table. Options: --seconds N.
 * A message that is lost, or comes twice, or out of order, ends it with an error.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { maskedFrame, RawClient } from './raw-client.mjs';

const { values } = parseArgs({ options: { seconds: { type: 'string' } } });
const seconds = Number(values.seconds ?? 5);
const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const TICK_US = 10_000;
const PAIRS = 100;
const PACE = 2000;
const CLAIMS = 4000;
const SIZES = { offer: 2400, candidate: 200 };

const processes = [];
try {
  const redisPort = await freePort();
  const redis = start('redis-server', ['--port', String(redisPort), '--save', '', '--appendonly', 'no']);
  await listening(redisPort);
  const url = `redis://127.0.0.1:${redisPort}`;
  const nodes = [await startNode('a', url), await startNode('b', url)];
  const pids = { nodes: nodes.map(({ pid }) => pid), redis: redis.pid };
  const rows = [];
  for (const kind of Object.keys(SIZES)) {
    for (const [name, from, to] of [
      ['one node', 0, 0],
      ['two nodes', 0, 1],
    ]) {
      const pairs = await openPairs(nodes[from].port, nodes[to].port);
      rows.push({ scenario: `${PACE}/s, ${kind}, ${name}`, ...(await measure(pids, pairs, kind, paced)) });
      rows.push({ scenario: `bursts, ${kind}, ${name}`, ...(await measure(pids, pairs, kind, bursts)) });
      for (const { sender, receiver } of pairs) [sender, receiver].forEach(({ socket }) => socket.destroy());
    }
  }
  rows.push({ scenario: 'clients that connect', ...(await claims(pids, nodes[0].port, url)) });
  print(rows);
} finally {
  for (const child of processes) child.kill('SIGKILL');
}

/** Messages at a fixed rate, spread over all pairs. */
async function paced(pairs, send) {
  const startedAt = performance.now();
  for (let sent = 0; performance.now() - startedAt < seconds * 1000;) {
    const due = ((performance.now() - startedAt) / 1000) * PACE;
    while (sent < due) send(pairs[sent++ % pairs.length]);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Eight messages of each pair on their way at once. */
async function bursts(pairs, send) {
  const until = performance.now() + seconds * 1000;
  await Promise.all(
    pairs.map(async (pair) => {
      while (performance.now() < until) {
        for (let i = 0; i < 8; i++) send(pair);
        await new Promise((resolve) => (pair.onIdle = resolve));
      }
    }),
  );
}

async function measure(pids, pairs, kind, load) {
  const latencies = [];
  let failed;
  for (const pair of pairs) {
    Object.assign(pair, { sent: 0, received: 0, times: [], onIdle: undefined });
    pair.sender.onFrame = (frame) => (failed = `unexpected: ${frame}`);
    pair.receiver.onFrame = (frame) => {
      const at = frame.indexOf('"n":') + 4;
      const number = parseInt(frame.toString('latin1', at, at + 12), 10);
      if (number !== pair.received) failed = `message ${number} came where ${pair.received} was due`;
      pair.received++;
      latencies.push(performance.now() - pair.times[number]);
      if (pair.received === pair.sent) pair.onIdle?.();
    };
  }
  const send = (pair) => {
    pair.times.push(performance.now());
    pair.sender.socket.write(frameOf(kind, pair.receiver.id, pair.sent++));
  };
  const before = cpuOf(pids);
  const startedAt = performance.now();
  const own = process.cpuUsage();
  await load(pairs, send);
  const ms = performance.now() - startedAt;
  const deadline = performance.now() + 5000;
  while (pairs.some(({ sent, received }) => sent !== received)) {
    if (performance.now() > deadline) failed ??= 'messages were lost';
    if (failed) throw new Error(failed);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  if (failed) throw new Error(failed);
  const after = cpuOf(pids);
  const { user, system } = process.cpuUsage(own);
  const count = latencies.length;
  latencies.sort((a, b) => a - b);
  return {
    'node us': (after.nodes - before.nodes) / count,
    'Redis us': (after.redis - before.redis) / count,
    'p50 ms': latencies[Math.floor(count / 2)],
    'p99 ms': latencies[Math.floor(count * 0.99)],
    'per second': (count / ms) * 1000,
    'generator busy': (user + system) / 1000 / ms,
  };
}

/** Connections until they are ready. */
async function claims(pids, port, url) {
  const redis = new Redis(url);
  const memory = async () => Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
  const memoryBefore = await memory();
  const clients = [];
  const before = cpuOf(pids);
  const startedAt = performance.now();
  while (clients.length < CLAIMS) {
    clients.push(...(await Promise.all(Array.from({ length: 100 }, () => RawClient.open(port)))));
  }
  const ms = performance.now() - startedAt;
  const after = cpuOf(pids);
  const bytes = (await memory()) - memoryBefore;
  redis.disconnect();
  for (const { socket } of clients) socket.removeAllListeners('close').destroy();
  return {
    'node us': (after.nodes - before.nodes) / CLAIMS,
    'Redis us': (after.redis - before.redis) / CLAIMS,
    'per second': (CLAIMS / ms) * 1000,
    'Redis bytes': bytes / CLAIMS,
  };
}

async function openPairs(from, to) {
  return Promise.all(
    Array.from({ length: PAIRS }, async () => {
      const [sender, receiver] = await Promise.all([RawClient.open(from), RawClient.open(to)]);
      for (const { socket } of [sender, receiver]) socket.removeAllListeners('close');
      return { sender, receiver };
    }),
  );
}

function frameOf(kind, to, n) {
  return maskedFrame(
    JSON.stringify({ event: kind === 'offer' ? 'Offer' : 'Candidate', to, data: { n, text: 'x'.repeat(SIZES[kind]) } }),
  );
}

function start(command, args, env = {}) {
  const child = spawn('taskset', ['-c', '0', command, ...args], {
    env: { ...process.env, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  processes.push(child);
  return child;
}

async function startNode(name, redis) {
  const port = await freePort();
  const flags = ['--redis', redis, '--node-name', name, '--port', String(port), '--host', '127.0.0.1'];
  // What the load itself would trip is set above it.
  const { pid } = start(process.execPath, [
    MAIN,
    ...flags,
    '--frames-per-second',
    '1000000',
    '--frame-burst',
    '1000000',
  ]);
  await listening(port);
  return { port, pid };
}

/** utime + stime in microseconds. */
function cpuOf({ nodes, redis }) {
  return { nodes: nodes.map(cpuUs).reduce((sum, us) => sum + us, 0), redis: cpuUs(redis) };
}

function cpuUs(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}

function print(rows) {
  const figures = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  console.log(`| ${figures.join(' | ')} |\n| ${figures.map(() => '---').join(' | ')} |`);
  for (const row of rows) {
    const cells = figures.map((figure) =>
      typeof row[figure] === 'number' ? row[figure].toFixed(2) : (row[figure] ?? ''),
    );
    console.log(`| ${cells.join(' | ')} |`);
  }
}

async function freePort() {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function listening(port) {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
