// Builds into a folder beside dist/ and then swaps the two, if anything has changed since the last build. An
// interrupted or failed build does not touch dist/.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { copyVendorFiles } from './vendor.mjs';

const ROOT = resolve(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
const PREFIX = '.build-';
/** File in dist/ with the hash of the sources of the build. */
const STAMP = 'build.sha256';
const CONFIGURATION = ['nest-cli.json', 'package-lock.json', 'package.json', 'tsconfig.build.json', 'tsconfig.json'];
const SWAP_ATTEMPTS = 10;

copyVendorFiles();
const hash = hashOfSources();
if (readIfThere(join(DIST, STAMP)) !== hash) {
  removeLeftovers();
  process.exitCode = build();
}

/** Returns the exit code. */
function build() {
  // At the same depth as dist/, so that the paths in source maps are right.
  const built = join(ROOT, PREFIX + process.pid);
  const tsconfig = `${built}.json`;
  const former = `${built}.former`;
  try {
    writeFileSync(tsconfig, JSON.stringify({ extends: './tsconfig.build.json', compilerOptions: { outDir: built } }));
    const nest = createRequire(import.meta.url).resolve('@nestjs/cli/bin/nest.js');
    const flags = ['build', '--path', basename(tsconfig)];
    const { status } = spawnSync(process.execPath, [nest, ...flags], { cwd: ROOT, stdio: 'inherit' });
    if (status !== 0) return status ?? 1;
    // npm sets the executable bit only when it installs the package.
    chmodSync(join(built, 'main.js'), 0o755);
    writeCommonJsEntries(built);
    writeFileSync(join(built, STAMP), hash);
    swap(built, former);
    return 0;
  } finally {
    for (const path of [built, tsconfig, former]) rmSync(path, { recursive: true, force: true });
  }
}

/**
 * Writes what `require` gets: a file beside each entry that loads it, so that both kinds of programs share one copy of every class.
 * Node 20.19 and newer load ES modules with `require`.
 */
function writeCommonJsEntries(built) {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  for (const { require: entry } of Object.values(exports)) {
    if (!entry) continue;
    const write = (path, text) => {
      const file = join(built, relative('dist', path));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    };
    const target = `'./${basename(entry.default, '.cjs')}.js'`;
    write(entry.default, `module.exports = require(${target});\n`);
    write(entry.types, `export * from ${target};\n`);
  }
}

/** Replaces dist/ with the new build. Another build may do the same concurrently. */
function swap(built, former) {
  for (let attempt = 1; ; attempt++) {
    try {
      rmSync(former, { recursive: true, force: true });
      if (existsSync(DIST)) renameSync(DIST, former);
      renameSync(built, DIST);
      return;
    } catch (error) {
      if (attempt === SWAP_ATTEMPTS || !['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error;
    }
  }
}

/** Removes the leftovers of killed builds. */
function removeLeftovers() {
  for (const name of readdirSync(ROOT)) {
    if (name.startsWith(PREFIX) && !isRunning(Number.parseInt(name.slice(PREFIX.length), 10))) {
      rmSync(join(ROOT, name), { recursive: true, force: true });
    }
  }
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function hashOfSources() {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.spec.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
  const digest = createHash('sha256');
  for (const path of [...CONFIGURATION.map((name) => join(ROOT, name)), ...sources.sort()]) {
    const text = readIfThere(path);
    digest.update(`${path.slice(ROOT.length)}\0${text?.length}\0${text}`);
  }
  return digest.digest('hex');
}

function readIfThere(path) {
  return existsSync(path) ? readFileSync(path, 'latin1') : undefined;
}
