// Jest's global setup of the project `apps`: builds the package if its sources have changed, packs it once for all tests,
// and installs it once, so that each application installs only what differs.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
/** The application whose packages nearly all others have, too. */
const COMMON = join(import.meta.dirname, 'nest-esm/package.json');

export default function pack() {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-packed-'));
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: ROOT, stdio: 'inherit' });
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT, stdio: 'pipe' });
  // Jest's workers inherit the environment.
  process.env.SIGNALBOX_TARBALL = join(folder, readdirSync(folder)[0]);
  process.env.SIGNALBOX_INSTALLED = install(join(folder, 'installed'), process.env.SIGNALBOX_TARBALL);
}

/** Installs the packages in a new folder. Returns their path. */
function install(folder, tarball) {
  const manifest = JSON.parse(readFileSync(COMMON, 'utf8'));
  manifest.dependencies.signalbox = `file:${tarball}`;
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  execFileSync('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: folder, env, stdio: 'pipe' });
  return join(folder, 'node_modules');
}
