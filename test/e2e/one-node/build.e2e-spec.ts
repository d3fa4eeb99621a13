import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { until } from '../../support/peerjs-socket.js';

const ROOT = join(import.meta.dirname, '../../..');
const BUILD = [
  'package.json',
  'nest-cli.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'scripts/build.mjs',
  'scripts/vendor.mjs',
];
const PATIENCE_MS = 60_000;

jest.setTimeout(180_000);

let project: string;
const children = new Set<ChildProcess>();

interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

// A copy of the build scripts, with a program of one line as the source.
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'signalbox-build-'));
  for (const file of BUILD) cpSync(join(ROOT, file), join(project, file));
  symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'));
  mkdirSync(join(project, 'src/demo/public'), { recursive: true });
  writeFileSync(join(project, 'src/demo/public/page.html'), 'page');
  mkdirSync(join(project, 'src/backplane/redis/lua'), { recursive: true });
  writeFileSync(join(project, 'src/backplane/redis/lua/script.lua'), 'return 1');
  program('one');
});

afterEach(async () => {
  for (const { pid } of children) process.kill(-pid!, 'SIGKILL');
  await until(() => children.size === 0, PATIENCE_MS);
  rmSync(project, { recursive: true, maxRetries: 5 });
});

function program(word: string): void {
  writeFileSync(join(project, 'src/main.ts'), `process.stdout.write('${word}\\n');\n`);
}

/** Starts a command in its own process group, so that it can be killed with its child processes. */
function start(command: string, ...args: string[]): ChildProcess {
  const child = spawn(command, args, { cwd: project, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  child.on('close', () => children.delete(child));
  return child;
}

async function run(command: string, ...args: string[]): Promise<Outcome> {
  const child = start(command, ...args);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text: Buffer) => (output += text.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

const npmStart = (): Promise<Outcome> => run('npm', 'start', '--silent');
const builtAt = (): number => statSync(join(project, 'dist/main.js')).mtimeMs;
const leftovers = (): string[] => readdirSync(project).filter((name) => name.startsWith('.build-'));

/** Starts a build and kills it with SIGKILL while it runs. */
async function killBuild(): Promise<void> {
  const build = start('node', 'scripts/build.mjs');
  await until(() => leftovers().length > 0, PATIENCE_MS);
  process.kill(-build.pid!, 'SIGKILL');
  await once(build, 'close');
}

describe('npm start', () => {
  it('builds only if sources have changed', async () => {
    expect(await npmStart()).toEqual({ code: 0, output: 'one\n' });
    const before = builtAt();
    expect(readFileSync(join(project, 'dist/demo/public/page.html'), 'utf8')).toBe('page');
    expect(await npmStart()).toEqual({ code: 0, output: 'one\n' });
    expect(builtAt()).toBe(before);
    program('two');
    expect(await npmStart()).toEqual({ code: 0, output: 'two\n' });
    writeFileSync(join(project, 'src/demo/public/page.html'), 'another');
    expect(await npmStart()).toEqual({ code: 0, output: 'two\n' });
    expect(readFileSync(join(project, 'dist/demo/public/page.html'), 'utf8')).toBe('another');
    expect(leftovers()).toEqual([]);
  });

  it('works after the first build was killed', async () => {
    await killBuild();
    expect(await npmStart()).toEqual({ code: 0, output: 'one\n' });
    expect(leftovers()).toEqual([]);
  });

  it('rebuilds an incomplete dist', async () => {
    await npmStart();
    rmSync(join(project, 'dist/main.js'));
    rmSync(join(project, 'dist/build.sha256'));
    expect(await npmStart()).toEqual({ code: 0, output: 'one\n' });
  });
});

describe('the existing program', () => {
  beforeEach(async () => {
    await npmStart();
    program('two');
  });

  it('remains when a build is killed, and the next start builds', async () => {
    await killBuild();
    expect(await run('node', 'dist/main.js')).toEqual({ code: 0, output: 'one\n' });
    expect(await npmStart()).toEqual({ code: 0, output: 'two\n' });
    expect(leftovers()).toEqual([]);
  });

  it('remains when a build fails', async () => {
    program("two'; broken");
    const { code } = await run('npm', 'run', 'build');
    expect(code).not.toBe(0);
    expect(await run('node', 'dist/main.js')).toEqual({ code: 0, output: 'one\n' });
    expect(leftovers()).toEqual([]);
  });

  it('is replaced cleanly by two concurrent builds', async () => {
    const builds = await Promise.all([1, 2].map(() => run('node', 'scripts/build.mjs')));
    expect(builds.map(({ code }) => code)).toEqual([0, 0]);
    expect(await run('node', 'dist/main.js')).toEqual({ code: 0, output: 'two\n' });
    expect(leftovers()).toEqual([]);
  });
});
