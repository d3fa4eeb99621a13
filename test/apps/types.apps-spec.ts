import { PackedApp } from '../support/packed-app.js';

/** The ways in which TypeScript finds the types of a package, for ES modules and for CommonJS. */
const RESOLUTIONS = {
  esm: [
    ['nodenext', 'nodenext'],
    ['node16', 'node16'],
    ['node20', 'node16'],
    ['esnext', 'bundler'],
  ],
  cjs: [
    ['nodenext', 'nodenext'],
    ['node20', 'node16'],
    ['commonjs', 'bundler'],
  ],
} satisfies Record<string, [module: string, moduleResolution: string][]>;

describe.each(['esm', 'cjs'] as const)('a Nest 12 application (%s) with the packed package', (kind) => {
  let app: PackedApp;

  beforeAll(async () => {
    app = await PackedApp.install(`test/apps/nest-${kind}`);
  });

  it.each(RESOLUTIONS[kind])('gets types with module %s and moduleResolution %s', async (module, moduleResolution) => {
    const { output } = await app.run(
      ...['node', 'node_modules/typescript/bin/tsc', '--noEmit', '--skipLibCheck', 'false'],
      ...['--module', module, '--moduleResolution', moduleResolution],
    );
    // Nest's own declarations name packages that an application need not have.
    const errors = output
      .split('\n')
      .filter((line) => !line.startsWith('node_modules/@nestjs/') && line.includes('error TS'));
    expect(errors).toEqual([]);
  });
});
