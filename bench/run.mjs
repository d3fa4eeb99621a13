/**
 * Compares servers: each alone on one core, the load generator on the other one, in turns, several rounds; prints medians
 * and ratios. Options: --quick (a short run that proves that nothing is lost), --rounds N.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SERVERS } from './servers/index.mjs';

const { values } = parseArgs({ options: { quick: { type: 'boolean' }, rounds: { type: 'string' } } });
const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
const seconds = values.quick ? 1 : 4;
const relay = { kind: 'relay', seconds };
const SCENARIOS = {
  'bursts, offer 2.4 KB': { ...relay, pairs: 100, window: 8, message: 'offer' },
  'bursts, candidate 0.2 KB': { ...relay, pairs: 100, window: 8, message: 'candidate' },
  'sparse, offer 2.4 KB': { ...relay, pairs: 400, window: 1, message: 'offer' },
  'sparse, candidate 0.2 KB': { ...relay, pairs: 400, window: 1, message: 'candidate' },
  'idle connections': { kind: 'idle', connections: values.quick ? 1000 : 9900 },
};

const results = [];
for (let round = 0; round < rounds; round++) {
  for (const [scenario, parameters] of Object.entries(SCENARIOS)) {
    for (const server of Object.keys(SERVERS)) {
      const findings = await measure(SERVERS[server], parameters);
      results.push({ server, scenario, findings });
      console.error(`round ${round + 1}: ${scenario}: ${server}: ${JSON.stringify(findings)}`);
    }
  }
}
printTable();

async function measure({ args, env }, scenario) {
  const port = await freePort();
  const server = spawn('taskset', ['-c', '0', process.execPath, ...args], {
    env: { ...process.env, ...env, PORT: String(port), NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(server, 'exit');
  try {
    await listening(port);
    return await load([String(port), JSON.stringify(scenario), String(server.pid)]);
  } finally {
    server.kill('SIGKILL');
    await exited;
  }
}

async function load(args) {
  const path = fileURLToPath(new URL('./load.mjs', import.meta.url));
  const generator = spawn('taskset', ['-c', '1', process.execPath, path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  generator.stdout.on('data', (data) => (output += data));
  const [code] = await once(generator, 'close');
  if (code !== 0) throw new Error(`the load generator ended with ${code}`);
  return JSON.parse(output);
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

function printTable() {
  const reference = 'plain ws';
  console.log(`| scenario | figure | ${Object.keys(SERVERS).join(' | ')} | ratio |`);
  console.log(
    `| --- | --- | ${Object.keys(SERVERS)
      .map(() => '---')
      .join(' | ')} | --- |`,
  );
  for (const scenario of Object.keys(SCENARIOS)) {
    const figures = Object.keys(results.find((result) => result.scenario === scenario).findings);
    for (const figure of figures) {
      const medians = Object.keys(SERVERS).map((server) => median(scenario, server, figure));
      const ratio = medians[0] / median(scenario, reference, figure);
      console.log(`| ${scenario} | ${figure} | ${medians.map(short).join(' | ')} | ${ratio.toFixed(2)} |`);
    }
  }
}

function median(scenario, server, figure) {
  const values = results
    .filter((result) => result.scenario === scenario && result.server === server)
    .map(({ findings }) => findings[figure])
    .sort((one, other) => one - other);
  return values[Math.floor(values.length / 2)];
}

function short(value) {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
