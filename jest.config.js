const shared = {
  testEnvironment: 'node',
  moduleFileExtensions: ['ts', 'mts', 'js', 'mjs', 'cjs', 'json', 'node'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: { '^signalbox$': '<rootDir>/src/index.ts', '^(\\.{1,2}/.*)\\.js$': '$1' },
  setupFiles: ['reflect-metadata'],
};

export default {
  // Generous, because machines differ; what is bounded in time says so itself.
  testTimeout: 30_000,
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/src/**/*.spec.ts'] },
    { ...shared, displayName: 'e2e', testMatch: ['<rootDir>/test/**/*spec.ts'] },
    // The same tests again, with the clients on different nodes.
    {
      ...shared,
      displayName: 'nodes',
      globals: { NODES: 2 },
      testMatch: ['<rootDir>/test/e2e/*.e2e-spec.ts'],
    },
  ],
};
