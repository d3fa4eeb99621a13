import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/** Returns the output of a program of this repository, and its exit code if it fails. */
function outcomeOf(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  return status === 0 ? 'no problems' : `exit code ${status}\n${stdout}${stderr}`;
}

describe('the public API', () => {
  it('is the one in the reports of api/ (npm run docs:api updates them)', () => {
    expect(outcomeOf('scripts/api-report.mjs')).toBe('no problems');
  });

  it('is documented by typedoc without a warning: every type that it names is exported', () => {
    expect(outcomeOf('node_modules/typedoc/bin/typedoc', '--emit', 'none')).toBe('no problems');
  });
});
