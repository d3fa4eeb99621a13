// Jest's global setup of the project `apps`: builds the package if its sources have changed, and packs it once for all tests.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

export default function pack() {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-packed-'));
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: ROOT, stdio: 'inherit' });
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT, stdio: 'pipe' });
  // Jest's workers inherit the environment.
  process.env.SIGNALBOX_TARBALL = join(folder, readdirSync(folder)[0]);
}
