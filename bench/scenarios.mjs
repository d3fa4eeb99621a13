/** The scenarios, each with its servers. */

// Servers that are compared run one after the other.
const ALL = ['ours, Connector', 'plain ws', 'ours, PeerJS', 'peer', 'ours, EasyRTC', 'open-easyrtc', 'spliced ws', 'NestJS gateway']; // prettier-ignore
const WITH_ROOMS = ['ours, Connector', 'plain ws room', 'ours, EasyRTC', 'open-easyrtc'];
// Signals expire soon, and no heartbeat interferes.
const GROWTH_ARGS = ['--queue-ttl-ms', '500', '--queue-sweep-ms', '100', '--ping-interval-ms', '3600000'];

/**
 * Each scenario has the servers that take turns in it, and the parameters of the load generator. `setup` is `server`,
 * `nodes` for two nodes and a Redis, `start` for servers that only start, or
 * `console` for a server whose console shows a screen.
 * @param {boolean} isQuick
 */
export function scenarios(isQuick) {
  const seconds = isQuick ? 0.3 : 2;
  const saturated = { seconds, warmUpMs: isQuick ? 100 : 1000 };
  // At a fixed rate, it takes longer until V8 has compiled the server's hot code.
  const paced = { seconds, warmUpMs: isQuick ? 100 : 3000 };
  // One of them is enough for a quick run.
  const messages = isQuick ? ['candidate'] : ['offer', 'candidate'];
  const each = (make) => Object.assign({}, ...messages.map(make));
  return {
    ...each((message) => relay(`bursts, ${message}`, { message, pairs: 100, window: 8, ...saturated })),
    ...each((message) => relay(`sparse, ${message}`, { message, pairs: 400, window: 1, ...saturated })),
    ...each((message) =>
      relay(`5000/s, ${message}`, { kind: 'paced', message, pairs: 100, perSecond: 5000, ...paced }),
    ),
    'idle connections': {
      servers: ALL,
      task: { kind: 'idle', connections: isQuick ? 500 : 9990, restMs: isQuick ? 100 : 4000 },
    },
    'verified connects': {
      servers: ['ours, Connector', 'ours, verified'],
      task: { kind: 'idle', connections: isQuick ? 500 : 9990, restMs: isQuick ? 100 : 4000 },
    },
    ...each((message) => restricted(`signal: rooms, ${message}`, { message, pairs: 100, window: 8, ...saturated })),
    start: { setup: 'start', servers: ['ours, PeerJS alone', 'empty Nest'] },
    'room of 500': { servers: WITH_ROOMS, task: { kind: 'room', members: 500, changes: isQuick ? 20 : 400 } },
    ...Object.assign({}, ...[100, 1000, 10_000].map((clients) => growth(clients, isQuick, saturated))),
    ...each((message) => nodes(`Redis, 2000/s, ${message}`, { message, pairs: 100, perSecond: 2000, ...paced })),
    ...each((message) => nodes(`Redis, bursts, ${message}`, { message, pairs: 100, window: 8, ...saturated })),
    console: console(isQuick, { ...paced, seconds: isQuick ? 0.5 : 10 }),
    'Redis, connecting': {
      setup: 'nodes',
      servers: ['two nodes'],
      task: { kind: 'claims', connections: isQuick ? 500 : 4000 },
    },
  };
}

function relay(name, task) {
  return { [name]: { servers: ALL, task: { kind: 'relay', ...task } } };
}

function restricted(name, task) {
  return { [name]: { servers: ['ours, in rooms', 'ours, restricted'], task: { kind: 'relay', ...task } } };
}

function growth(clients, isQuick, times) {
  const task = {
    kind: 'growth',
    clients: isQuick ? clients / 10 : clients,
    operations: isQuick ? 100 : 4000,
    ...times,
  };
  return { [`growth, ${clients} of each`]: { servers: ['ours, Connector'], args: GROWTH_ARGS, task } };
}

function nodes(name, task) {
  return { [name]: { setup: 'nodes', servers: ['one node', 'two nodes'], task: { kind: 'nodes', ...task } } };
}

function console(isQuick, times) {
  const load = {
    pairs: 100,
    message: 'candidate',
    perSecond: 2000,
    idle: isQuick ? 500 : 9800,
    connectsPerSecond: 500,
  };
  return {
    setup: 'console',
    servers: ['no console', 'Overview', 'Clients', 'Live'],
    task: { kind: 'crowd', client: 'connector', ...load, ...times },
  };
}
