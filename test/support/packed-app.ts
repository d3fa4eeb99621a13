import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { jest } from '@jest/globals';
import { freePort } from './ports.js';
import { atTeardown } from './teardown.js';

const ROOT = resolve(import.meta.dirname, '../..');
/** Not copied: `npm install` and the build make them anew. */
const MADE = ['node_modules', 'dist', 'package-lock.json'];
/** Where npm notes what is installed. */
const NOTES = 'node_modules/.package-lock.json';
const START_MS = 60_000;
const POLL_MS = 50;

// Each installation takes from seconds to minutes.
jest.setTimeout(600_000);

export interface AppOptions {
  /** Versions of packages in place of those in its package.json, such as `{ express: '^4' }`. */
  readonly dependencies?: Readonly<Record<string, string>>;
}

export interface Outcome {
  readonly code: number | null;
  /** Standard output and standard error. */
  readonly output: string;
}

/** A started program. */
export interface RunningApp {
  readonly port: number;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** `ws://127.0.0.1:PORT` */
  readonly wsUrl: string;
  /** What it has written so far. */
  readonly output: () => string;
  /** Sends SIGTERM. Resolves with the exit code, or null if the signal ended it. */
  stop(): Promise<number | null>;
}

/**
 * An application in a temporary folder that has installed the packed package, as its users do. Everything goes at teardown:
 * create it in `beforeAll` to share it. For specs in `test/apps/NAME.apps-spec.ts` (the Jest project `apps`, which packs once).
 *
 * The folder of the application (`test/apps/NAME` or `examples/NAME`) is a package of its own:
 * - `package.json` lists all that it imports, with `"signalbox": "*"`, which becomes the tarball, and TypeScript, if it compiles;
 * - the script `build`, if it needs one, and `start`, which listens on the port in the variable PORT, on 127.0.0.1 or all addresses.
 *
 * ```ts
 * const app = await PackedApp.install('examples/echo-bot');
 * await app.build();
 * const { url } = await app.start();
 * ```
 */
export class PackedApp {
  private constructor(readonly folder: string) {}

  /** Copies the application and installs its packages. Those that most applications have are installed already. */
  static async install(source: string, options?: AppOptions): Promise<PackedApp> {
    const app = PackedApp.copy(source, options);
    const installed = process.env.SIGNALBOX_INSTALLED!;
    // Links, which take no time. npm replaces files; only its notes it writes in place.
    execFileSync('cp', ['-al', installed, app.folder]);
    rmSync(join(app.folder, NOTES));
    copyFileSync(join(dirname(installed), NOTES), join(app.folder, NOTES));
    await app.succeed('npm', 'install');
    return app;
  }

  /** Copies the application and installs its packages into an empty folder. */
  static async installAnew(source: string, ...flags: string[]): Promise<PackedApp> {
    const app = PackedApp.copy(source);
    await app.succeed('npm', 'install', ...flags);
    return app;
  }

  /** Copies the application without its packages. */
  static copy(source: string, { dependencies = {} }: AppOptions = {}): PackedApp {
    const tarball = process.env.SIGNALBOX_TARBALL;
    if (tarball === undefined) throw new Error('only specs of the Jest project "apps" have the packed package');
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-app-'));
    atTeardown(() => rmSync(folder, { recursive: true, maxRetries: 5 }));
    const from = resolve(ROOT, source);
    cpSync(from, folder, { recursive: true, filter: (path) => !MADE.includes(path.slice(from.length + 1)) });
    const file = join(folder, 'package.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as { dependencies: Record<string, string> };
    Object.assign(manifest.dependencies, dependencies, { signalbox: `file:${tarball}` });
    writeFileSync(file, JSON.stringify(manifest, undefined, 2));
    return new PackedApp(folder);
  }

  async build(): Promise<void> {
    await this.succeed('npm', 'run', 'build');
  }

  /** Runs the script `start` with a free port in PORT. Resolves when it listens; rejects if it ends before. */
  async start(env: NodeJS.ProcessEnv = {}): Promise<RunningApp> {
    const port = await freePort();
    const { child, output } = this.spawn(['npm', 'start', '--silent'], { ...env, PORT: String(port) });
    const closed = once(child, 'close') as Promise<[number | null]>;
    const url = `http://127.0.0.1:${port}`;
    await untilListening(url, child, output);
    const stop = async (): Promise<number | null> => {
      process.kill(-child.pid!, 'SIGTERM');
      return (await closed)[0];
    };
    return { port, url, wsUrl: url.replace('http', 'ws'), output, stop };
  }

  /** Runs a command in the folder. */
  async run(...command: string[]): Promise<Outcome> {
    const { child, output } = this.spawn(command);
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output: output() };
  }

  /** Runs a command in the folder. Resolves with its output; rejects if it fails. */
  async succeed(...command: string[]): Promise<string> {
    const { code, output } = await this.run(...command);
    if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}:\n${output}`);
    return output;
  }

  /** The text of a file below the folder. */
  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8');
  }

  /** Starts a command in a process group of its own, because npm passes signals on to its scripts unreliably. */
  private spawn(
    [program = '', ...args]: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): { child: ChildProcess; output: () => string } {
    const child = spawn(program, args, {
      cwd: this.folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...environment(), ...env },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    }
    atTeardown(() => endGroup(child));
    return { child, output: () => output };
  }
}

/** Returns the environment without what npm and Jest have set for this process, and npm's options for the application. */
function environment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|JEST_|NODE_OPTIONS$|NODE_ENV$|SIGNALBOX_|PORT$)/i.test(name),
  );
  return {
    ...Object.fromEntries(inherited),
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
  };
}

async function untilListening(url: string, child: ChildProcess, output: () => string): Promise<void> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    // Any answer will do.
    if (await fetch(url).then(Boolean, () => false)) return;
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      throw new Error(`the application does not listen at ${url}; it wrote:\n${output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Kills the processes of the group that still run. */
async function endGroup(child: ChildProcess): Promise<void> {
  const hasEnded = child.exitCode !== null || child.signalCode !== null;
  const closed = hasEnded ? undefined : once(child, 'close');
  try {
    process.kill(-child.pid!, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  await closed;
}
