const shared = {
  testEnvironment: 'node',
  moduleFileExtensions: ['ts', 'mts', 'js', 'mjs', 'cjs', 'json', 'node'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: { '^signalbox$': '<rootDir>/src/index.ts', '^(\\.{1,2}/.*)\\.js$': '$1' },
  setupFiles: ['reflect-metadata'],
};

/** Files of test/e2e that say nothing of several nodes, and why. */
const ONE_NODE = {
  'admin-access': 'each node decides alone who may use its API',
  'admin-audit': 'looks at the log of a node',
  'admin-events': 'names the node of each; test/cluster does so with several',
  'admin-nodes': 'shows, and drains, a node; test/cluster does so with several',
  'admin-openapi': 'describes what is the same everywhere',
  'backplane-faults': 'breaks the backplane in memory; test/cluster does so with Redis',
  build: 'is about a script',
  'command-line': 'is about a process',
  'cost-requests': 'is about bounds of a node',
  'cost-rooms': 'is about bounds of a node',
  cost: 'is about bounds of a node',
  'behind-nginx-browser': 'is about a proxy before a node',
  cors: 'is about HTTP, and bounds of a node',
  'cross-origin-client': 'is about HTTP',
  'custom-module': 'is about modules',
  demo: 'is about pages',
  'demo-connection-browser': 'is about pages',
  'demo-layout-browser': 'is about pages',
  'easyrtc-attacks': 'is about bounds of a node, and transport',
  'easyrtc-client': 'takes minutes; across-protocols-browser has pages on different nodes',
  'easyrtc-pushes-at-once': 'another node may hear of what is sent at the same moment in another order',
  'easyrtc-robustness': 'is about packets before anything is done with them',
  'easyrtc-transport': 'is about HTTP and WebSocket',
  embedding: 'is about modules',
  'forwarded-addresses': 'each node has its own limits',
  faults: 'breaks the backplane in memory; test/cluster does so with Redis',
  health: 'is about a node',
  heartbeat: 'is about a node',
  'keep-alive': 'is about the HTTP server of a node',
  limits: 'each node has its own',
  'log-output': 'is about a process',
  metrics: 'each node has its own',
  'metrics-access': 'each node decides alone who may see its own',
  'metrics-dashboard': 'is about a file',
  'metrics-frames': 'each node has its own',
  'mixed-load': 'measures a node',
  'openapi-document': 'describes what is the same everywhere',
  'peerjs-absent-memory': 'measures a node, which has nothing in memory of what waits in Redis',
  'peerjs-client': 'takes long; across-protocols-browser has pages on different nodes',
  'peerjs-limit': 'each node has its own',
  'peerjs-process': 'is about flags, TLS and the HTTP server of a node',
  readme: 'is about a text',
  'security-headers': 'is about pages',
  'server-events': 'looks at the log of a node',
  'redis-outage': 'looks at the log of a node',
  shutdown: 'is about a node; test/cluster does so with several',
  'swagger-ui': 'is about a page',
  'unix-socket': 'is about the HTTP server of a node',
};

export default {
  // Generous, because machines differ; what is bounded in time says so itself.
  testTimeout: 30_000,
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/src/**/*.spec.ts'] },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/{,contract/,e2e/,rfc6455/}*spec.ts'],
    },
    // The same tests again, with the clients on different nodes.
    {
      ...shared,
      displayName: 'nodes',
      globals: { NODES: 2 },
      testMatch: [`<rootDir>/test/e2e/!(${Object.keys(ONE_NODE).join('|')}).e2e-spec.ts`],
    },
    // Faults with times to keep: run with nothing else beside them.
    { ...shared, displayName: 'cluster', testMatch: ['<rootDir>/test/cluster/*spec.ts'] },
    // What strangers may try, beside healthy clients.
    { ...shared, displayName: 'attacks', testMatch: ['<rootDir>/test/attacks/*spec.ts'] },
  ],
};
