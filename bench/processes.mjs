/** Starts processes: servers on one processor core, the load generator on the other. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const SERVER_CORE = '0';
const GENERATOR_CORE = '1';
const PATIENCE_MS = 20_000;

/**
 * A server that accepts connections.
 * @param {(port: number) => { command?: string, args: string[], env?: object }} how
 */
export async function startServer(how) {
  const port = await freePort();
  const { command = process.execPath, args, env } = how(port);
  const child = spawn('taskset', ['-c', SERVER_CORE, command, ...args], {
    env: { ...process.env, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  try {
    await Promise.race([listening(port), exited.then(() => Promise.reject(new Error(`${args[0]} exited`)))]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, pid: child.pid, stop };
}

/** Runs the load generator and returns its findings. */
export function generate(task) {
  const path = fileURLToPath(new URL('./load/main.mjs', import.meta.url));
  return findingsOf(GENERATOR_CORE, [path, JSON.stringify(task)]);
}

/** Runs a server that ends when it listens, and returns the findings that it prints. */
export function costOfStart({ args, env }) {
  return findingsOf(SERVER_CORE, args, { NODE_ENV: 'production', ...env });
}

async function findingsOf(core, args, env = {}) {
  const child = spawn('taskset', ['-c', core, process.execPath, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${args[0]} failed`);
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
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no server listens on port ${port}`);
}
