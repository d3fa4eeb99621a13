/** One measurement: starts the servers, generates the load, and stops the servers. */
import { ADMIN_TOKEN, openConsole, use } from './console.mjs';
import { costOfStart, generate, startServer } from './processes.mjs';
import { SERVERS, SIGNALBOX } from './servers/index.mjs';

const SETUPS = { server: oneServer, nodes: twoNodes, start: aStart, console: withConsole };

/** Returns the findings about a server in a scenario. */
export async function turn(scenario, server) {
  const started = [];
  const start = async (how) => {
    started.unshift(await startServer(how));
    return started[0];
  };
  try {
    return await SETUPS[scenario.setup ?? 'server'](start, scenario, server);
  } finally {
    for (const { stop } of started) await stop();
  }
}

async function oneServer(start, { args: more = [], task }, name) {
  const { args, env, client } = SERVERS[name];
  const { port, pid } = await start((port) => ({ args: [...args, ...more], env: { ...env, PORT: String(port) } }));
  return generate({ ...task, port, pid, client });
}

function aStart(_start, _scenario, name) {
  return costOfStart(SERVERS[name]);
}

/** Starts a server, and opens its console on a screen, unless `screen` is `no console`. */
async function withConsole(start, { task }, screen) {
  const args = [...SIGNALBOX, '--admin-tokens', `olga:operate:${ADMIN_TOKEN}`];
  const { port, pid } = await start((port) => ({ args: [...args, '--port', String(port)] }));
  if (screen === 'no console') return generate({ ...task, port, pid });
  const opened = await openConsole(port, screen);
  try {
    const end = use(opened, screen);
    const findings = await generate({ ...task, port, pid });
    return { ...findings, ...(await end()) };
  } finally {
    await opened.close();
  }
}

/** Starts two nodes and a Redis, all on one core. */
async function twoNodes(start, { task }, targets) {
  const redis = await start((port) => ({
    command: 'redis-server',
    args: ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
  }));
  const node = (port) => ({
    args: [...SIGNALBOX, '--redis', `redis://127.0.0.1:${redis.port}`, '--port', String(port)],
  });
  const [one, other] = [await start(node), await start(node)];
  const ports = [one.port, other.port];
  const pids = [one.pid, other.pid];
  return generate({ ...task, targets, ports, pids, redisPort: redis.port, redisPid: redis.pid });
}
