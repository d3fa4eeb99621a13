import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './ports.js';
import { atTeardown } from './teardown.js';

const REALM = 'turn.example';
const START_TIMEOUT_MS = 10_000;

/** Debian installs programs of the administrator in folders that are not in the PATH of every user. */
const ENV = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

/** Seconds after which a client must refresh its relay: the shortest time that coturn knows makes tests short. */
const RELAY_LIFETIME_S = 20;

/** coturn with `use-auth-secret`, on 127.0.0.1 alone. Its secrets are in a database, so they may change while it runs. */
export class Coturn {
  private constructor(
    private readonly port: number,
    private readonly dir: string,
  ) {}

  /** Resolves when it accepts requests. It is stopped after the test. */
  static async start(secret: string): Promise<Coturn> {
    const dir = await mkdtemp(join(tmpdir(), 'signalbox-coturn-'));
    atTeardown(() => rm(dir, { recursive: true, force: true }));
    const coturn = new Coturn(await freePort(), dir);
    await coturn.addSecret(secret);
    await coturn.run();
    return coturn;
  }

  /** `turn:127.0.0.1:PORT` */
  get url(): string {
    return `turn:127.0.0.1:${this.port}`;
  }

  /** Accepts credentials that are made with this secret, too. */
  addSecret(secret: string): Promise<void> {
    return this.administer('--set-secret', secret);
  }

  /** Accepts no further credentials that are made with this secret. */
  removeSecret(secret: string): Promise<void> {
    return this.administer('--delete-secret', secret);
  }

  private get database(): string {
    return join(this.dir, 'turndb');
  }

  private async administer(command: string, secret: string): Promise<void> {
    const args = ['--userdb', this.database, '--realm', REALM, command, secret];
    await promisify(execFile)('turnadmin', args, { cwd: this.dir, env: ENV });
  }

  private async run(): Promise<void> {
    const options = {
      'listening-ip': '127.0.0.1',
      'relay-ip': '127.0.0.1',
      'listening-port': String(this.port),
      realm: REALM,
      userdb: this.database,
      pidfile: join(this.dir, 'pid'),
      'log-file': 'stdout',
      'max-allocate-lifetime': String(RELAY_LIFETIME_S),
    };
    const flags = ['n', 'no-cli', 'no-tls', 'no-dtls', 'use-auth-secret', 'allow-loopback-peers', 'simple-log'];
    const args = flags.map((flag) => (flag.length === 1 ? `-${flag}` : `--${flag}`));
    for (const [name, value] of Object.entries(options)) args.push(`--${name}`, value);
    const child = spawn('turnserver', args, { cwd: this.dir, env: ENV, stdio: ['ignore', 'pipe', 'pipe'] });
    atTeardown(() => stopped(child));
    await untilListening(child);
  }
}

/** Resolves when coturn has opened its database, which it does after its sockets. */
async function untilListening(child: ChildProcess): Promise<void> {
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`coturn ${why}: ${output}`));
    const timer = setTimeout(() => fail('did not start in time'), START_TIMEOUT_MS);
    const read = (text: Buffer): void => {
      output += text.toString();
      if (!output.includes('SQLite DB connection success')) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`ended with ${code}`));
  });
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
