const shared = {
  testEnvironment: 'node',
  moduleFileExtensions: ['ts', 'mts', 'js', 'mjs', 'cjs', 'json', 'node'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: {
    '^signalbox$': '<rootDir>/src/index.ts',
    '^signalbox/(.*)$': '<rootDir>/src/entries/$1.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  setupFiles: ['reflect-metadata'],
};

export default {
  // Generous, because machines differ. Tests that measure a time check it themselves.
  testTimeout: 120_000,
  // Jest keeps the ES modules of each finished file in memory. A full heap makes all later files several times slower.
  workerIdleMemoryLimit: '1GB',
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/src/**/*.spec.ts'] },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/{,contract/,e2e/*/,peer/,rfc6455/}*spec.ts'],
    },
    // The tests that hold for any number of nodes again, with the clients on different nodes.
    {
      ...shared,
      displayName: 'nodes',
      globals: { NODES: 2 },
      testMatch: ['<rootDir>/test/e2e/anywhere{,-alone}/*spec.ts'],
    },
    // Faults of nodes and of Redis, which must be overcome in a bounded time.
    { ...shared, displayName: 'cluster', testMatch: ['<rootDir>/test/cluster/*spec.ts'] },
    // The packed package, installed into applications of their own.
    {
      ...shared,
      displayName: 'apps',
      testMatch: ['<rootDir>/test/apps/*spec.ts'],
      globalSetup: '<rootDir>/test/apps/pack.mjs',
      globalTeardown: '<rootDir>/test/apps/remove-tarball.mjs',
    },
    // Attacks from processes of their own, beside healthy clients.
    { ...shared, displayName: 'attacks', testMatch: ['<rootDir>/test/attacks/*spec.ts'] },
  ],
};
