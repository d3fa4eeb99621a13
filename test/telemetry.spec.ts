import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** The install script of @scarf/scarf, a dependency of swagger-ui-dist. It reports installations to its maintainers. */
const scarf = require('@scarf/scarf') as {
  processDependencyTreeOutput(
    report: (dependency: object) => void,
    refuse: (reason: Error) => void,
  ): (error: null, npmLs: string) => void;
};

const { name, version, scarfSettings } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as { name: string; version: string; scarfSettings?: object };

interface Tree {
  readonly name?: string;
  readonly version?: string;
  readonly path?: string;
  readonly scarfSettings?: object;
  readonly dependencies?: Readonly<Record<string, Tree>>;
}

/** This package in the format of `npm ls --json --long`. */
const OURS: Tree = {
  name,
  version,
  path: '/ours',
  scarfSettings,
  dependencies: {
    'swagger-ui-dist': {
      version: '5.0.0',
      path: '/ours/node_modules/swagger-ui-dist',
      dependencies: { '@scarf/scarf': { version: '1.4.0', path: '/ours/node_modules/@scarf/scarf' } },
    },
  },
};

function outcomeOf(tree: Tree): string {
  let outcome = 'nothing';
  const report = (): void => void (outcome = 'reported');
  scarf.processDependencyTreeOutput(report, ({ message }) => (outcome = message))(null, JSON.stringify(tree));
  return outcome;
}

describe('install-time telemetry of a dependency', () => {
  it.each([
    ['here', OURS],
    [
      'where this package is installed',
      { name: 'theirs', version: '1.0.0', path: '/', dependencies: { [name]: OURS } },
    ],
  ])('is disabled %s', (_, tree) => {
    expect(outcomeOf(tree)).toBe('Scarf has been disabled via a package.json in the dependency chain.');
  });
});
