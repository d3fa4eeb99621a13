import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';

const HOST = '127.0.0.1';
const START_TIMEOUT_MS = 5000;

/** The Redis that several nodes share: a single one, a cluster, or a master with sentinels. */
export interface SharedRedis {
  /** Value for `--redis`. */
  readonly url: string;
  /** Returns all keys, sorted. */
  keys(): Promise<string[]>;
  /** Kills all servers that hold data. */
  kill(): Promise<void>;
  /** Starts killed servers again, empty and on the same ports. */
  restart(): Promise<void>;
}

/** A Redis of the test's own, on a free local port. */
export class RedisServer implements SharedRedis {
  private static readonly started = new Set<RedisServer>();

  private child?: ChildProcess;
  private exited: Promise<unknown> = Promise.resolve();
  private output = '';

  private constructor(
    readonly port: number,
    private readonly dir: string,
    private readonly flags: readonly string[],
  ) {
    RedisServer.started.add(this);
  }

  /**
   * Starts a server. Resolves once it answers.
   * @param settings lines of its configuration file
   * @param flags command-line flags
   * @param port any free one by default
   */
  static async start(
    settings: readonly string[] = [],
    flags: readonly string[] = [],
    port?: number,
  ): Promise<RedisServer> {
    port ??= await freePort();
    const dir = await mkdtemp(join(tmpdir(), 'signalbox-redis-'));
    const lines = [`port ${port}`, `bind ${HOST}`, `dir ${dir}`, ...settings];
    await writeFile(join(dir, 'redis.conf'), `${lines.join('\n')}\n`);
    const server = new RedisServer(port, dir, flags);
    await server.restart();
    return server;
  }

  /** Settings of a server that holds data: none of it stays on disk, not even a copy for a replica. */
  static readonly IN_MEMORY = ['save ""', 'appendonly no', 'rdb-del-sync-files yes', 'repl-diskless-sync-delay 0'];

  /** Kills all running servers, and removes their files: for `afterEach`. */
  static async killAll(): Promise<void> {
    for (const server of RedisServer.started) {
      await server.kill();
      await rm(server.dir, { recursive: true });
    }
    RedisServer.started.clear();
  }

  get url(): string {
    return `redis://${HOST}:${this.port}`;
  }

  /** `127.0.0.1:PORT` */
  get address(): string {
    return `${HOST}:${this.port}`;
  }

  async restart(): Promise<void> {
    const child = spawn('redis-server', [join(this.dir, 'redis.conf'), ...this.flags], { cwd: this.dir });
    this.child = child;
    this.output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => (this.output += text.toString()));
    const failed = once(child, 'error').then(([error]) => (this.output += String(error)));
    failed.catch(() => undefined);
    this.exited = Promise.race([once(child, 'close'), failed]).finally(() => {
      if (this.child === child) this.child = undefined;
    });
    const ended = this.exited.then(() => {
      throw new Error(`redis-server exited: ${this.output}`);
    });
    ended.catch(() => undefined);
    await Promise.race([this.ask((redis) => redis.ping()), ended]);
  }

  /** Stops the server as an operator would, with SIGTERM. */
  async stop(): Promise<void> {
    await this.signal('SIGTERM');
  }

  async kill(): Promise<void> {
    await this.signal('SIGKILL');
  }

  /** Suspends the server: it still accepts connections, and answers nothing. */
  stall(): void {
    this.child?.kill('SIGSTOP');
  }

  resume(): void {
    this.child?.kill('SIGCONT');
  }

  keys(): Promise<string[]> {
    return this.ask(async (redis) => {
      const keys = new Set<string>();
      for await (const some of redis.scanStream({ count: 1000 }) as AsyncIterable<string[]>) {
        for (const key of some) keys.add(key);
      }
      return [...keys].sort();
    });
  }

  /** Returns the number of calls of each command. */
  async commandCounts(): Promise<ReadonlyMap<string, number>> {
    const info = await this.ask((redis) => redis.info('commandstats'));
    const counts = [...info.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)];
    return new Map(counts.map(([, command, calls]) => [command, Number(calls)]));
  }

  /** Asks a question on a connection of its own, with retries for as long as a server may take to start. */
  async ask<T>(question: (redis: Redis) => Promise<T>): Promise<T> {
    const deadline = performance.now() + START_TIMEOUT_MS;
    const redis = new Redis(this.port, HOST, {
      retryStrategy: () => (performance.now() < deadline ? 20 : null),
      maxRetriesPerRequest: null,
    });
    // The client retries. Once it gives up, the question rejects.
    redis.on('error', () => undefined);
    try {
      return await question(redis);
    } finally {
      redis.disconnect();
    }
  }

  private async signal(signal: NodeJS.Signals): Promise<void> {
    this.child?.kill(signal);
    await this.exited;
  }
}

/** Returns a free port below the ephemeral range, so that no connection takes it while a server restarts. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 15_000 + Math.floor(Math.random() * 17_000);
    const probe = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen(port, HOST, () => resolve(true));
    });
    if (!isFree) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
}
