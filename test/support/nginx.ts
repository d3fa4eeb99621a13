import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './ports.js';

const CONFIGURATION = new URL('../../deploy/nginx.conf', import.meta.url);
const START_TIMEOUT_MS = 10_000;
const ATTEMPT_INTERVAL_MS = 20;

/** Temporary directories that nginx otherwise creates in system folders. */
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((what) => `${what}_temp_path ${what};`);

/** nginx with `deploy/nginx.conf`. Only the addresses differ: it listens on a free local port. */
export class Nginx {
  private constructor(
    readonly port: number,
    private readonly dir: string,
    private readonly child: ChildProcess,
  ) {}

  /** Resolves as soon as it accepts connections, which it forwards to the server on the other port. */
  static async start(upstreamPort: number): Promise<Nginx> {
    const port = await freePort();
    const dir = await mkdtemp(join(tmpdir(), 'signalbox-nginx-'));
    // If root starts nginx, its workers run as another user.
    await chmod(dir, 0o755);
    const text = (await readFile(CONFIGURATION, 'utf8'))
      .replaceAll(/node-\d:9000/g, `127.0.0.1:${upstreamPort}`)
      .replace('listen 9000;', `listen 127.0.0.1:${port};`)
      .replace('worker_connections 65535;', 'worker_connections 256;')
      .replace('http {', `http {\naccess_log off;\n${TEMPORARY.join('\n')}`);
    await writeFile(join(dir, 'nginx.conf'), text);
    const globals = 'daemon off; worker_processes 1; pid nginx.pid; error_log stderr;';
    const child = spawn('nginx', ['-p', dir, '-e', 'stderr', '-c', 'nginx.conf', '-g', globals], {
      stdio: ['ignore', 'ignore', 'pipe'],
      // Debian installs nginx in /usr/sbin, which is not in every user's PATH.
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
    });
    const nginx = new Nginx(port, dir, child);
    await nginx.untilReady();
    return nginx;
  }

  /** `http://127.0.0.1:PORT` */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Stops nginx with its workers, and removes its files. */
  async close(): Promise<void> {
    if (this.child.exitCode === null) {
      this.child.kill('SIGTERM');
      await once(this.child, 'close');
    }
    await rm(this.dir, { recursive: true });
  }

  private async untilReady(): Promise<void> {
    let output = '';
    this.child.stderr?.on('data', (text: Buffer) => (output += text.toString()));
    this.child.once('error', (error) => (output += error.message));
    const deadline = performance.now() + START_TIMEOUT_MS;
    while (performance.now() < deadline && this.child.exitCode === null) {
      const isUp = await fetch(this.url).then(
        () => true,
        () => false,
      );
      if (isUp) return;
      await sleep(ATTEMPT_INTERVAL_MS);
    }
    throw new Error(`nginx did not start: ${output}`);
  }
}
