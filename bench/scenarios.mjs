/** What is measured, with which servers. */

const OURS = ['ours, Connector', 'ours, PeerJS', 'ours, EasyRTC'];
const ALL = [...OURS, 'plain ws', 'spliced ws', 'NestJS gateway', 'peer', 'open-easyrtc'];
const WITH_ROOMS = ['ours, Connector', 'plain ws room', 'ours, EasyRTC', 'open-easyrtc'];
const MESSAGES = ['offer', 'candidate'];
// What waits, waits for a short time, and no heartbeat gets in between.
const GROWTH_ARGS = ['--queue-ttl-ms', '500', '--queue-sweep-ms', '100', '--ping-interval-ms', '3600000'];

/**
 * Each with the servers that take turns in it, and what the load generator is told. `setup` is `server` or, with two
 * nodes and a Redis, `nodes`.
 * @param {boolean} isQuick
 */
export function scenarios(isQuick) {
  const seconds = isQuick ? 1 : 4;
  const each = (make) => Object.assign({}, ...MESSAGES.map(make));
  return {
    ...each((message) => relay(`bursts, ${message}`, { message, pairs: 100, window: 8, seconds })),
    ...each((message) => relay(`sparse, ${message}`, { message, pairs: 400, window: 1, seconds })),
    ...each((message) => relay(`5000/s, ${message}`, { kind: 'paced', message, pairs: 100, perSecond: 5000, seconds })),
    'idle connections': { servers: ALL, task: { kind: 'idle', connections: isQuick ? 1000 : 9990 } },
    'room of 500': { servers: WITH_ROOMS, task: { kind: 'room', members: 500, changes: isQuick ? 50 : 400 } },
    ...Object.assign({}, ...[100, 1000, 10_000].map((clients) => growth(clients, isQuick, seconds))),
    ...each((message) => nodes(`Redis, 2000/s, ${message}`, { message, pairs: 100, perSecond: 2000, seconds })),
    ...each((message) => nodes(`Redis, bursts, ${message}`, { message, pairs: 100, window: 8, seconds })),
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

function growth(clients, isQuick, seconds) {
  const task = { kind: 'growth', clients, operations: isQuick ? 1000 : 4000, seconds };
  return { [`growth, ${clients} of each`]: { servers: ['ours, Connector'], args: GROWTH_ARGS, task } };
}

function nodes(name, task) {
  return { [name]: { setup: 'nodes', servers: ['one node', 'two nodes'], task: { kind: 'nodes', ...task } } };
}
