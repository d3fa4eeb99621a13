import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';

const HOST = '127.0.0.1';
const START_TIMEOUT_MS = 5000;

/** What several nodes share: one Redis, a cluster of them, or a master that sentinels watch over. */
export interface SharedRedis {
  /** As `--redis` takes it. */
  readonly url: string;
  /** All keys that there are, sorted. */
  keys(): Promise<string[]>;
  /** Ends all that keeps data, without a word. */
  kill(): Promise<void>;
  /** Starts what was killed: where it was, and empty. */
  restart(): Promise<void>;
}

/** A Redis of its own, on a free port of this machine, that keeps nothing on disk. */
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
   * Resolves as soon as it answers.
   * @param settings lines of its configuration
   * @param flags beside the configuration
   * @param port any free one if none is given
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

  /** What a server that holds data has in its configuration; with a replica, no copy stays on disk either. */
  static readonly IN_MEMORY = ['save ""', 'appendonly no', 'rdb-del-sync-files yes', 'repl-diskless-sync-delay 0'];

  /** Kills all that are left over, and removes what they leave: for `afterEach`. */
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
      throw new Error(`redis-server has ended: ${this.output}`);
    });
    ended.catch(() => undefined);
    await Promise.race([this.ask((redis) => redis.ping()), ended]);
  }

  /** Ends it as an operator would. */
  async stop(): Promise<void> {
    await this.signal('SIGTERM');
  }

  async kill(): Promise<void> {
    await this.signal('SIGKILL');
  }

  /** From now on it takes connections and answers nothing. */
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

  /** How often it was sent each command. */
  async commandCounts(): Promise<ReadonlyMap<string, number>> {
    const info = await this.ask((redis) => redis.info('commandstats'));
    const counts = [...info.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)];
    return new Map(counts.map(([, command, calls]) => [command, Number(calls)]));
  }

  /** Asks it something on a connection for this only; connects for as long as a server may take to start. */
  async ask<T>(question: (redis: Redis) => Promise<T>): Promise<T> {
    const deadline = performance.now() + START_TIMEOUT_MS;
    const redis = new Redis(this.port, HOST, {
      retryStrategy: () => (performance.now() < deadline ? 20 : null),
      maxRetriesPerRequest: null,
    });
    // It tries again; when it gives up, the question fails.
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

/** Below those that connections take for themselves, so that a server finds its port free when it comes back. */
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
