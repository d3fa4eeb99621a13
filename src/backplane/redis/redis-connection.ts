import { once } from 'node:events';
import { Injectable } from '@nestjs/common';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { DomainError } from '../../common/domain-error.js';
import { ClusterOptions } from '../../config/sections/cluster.options.js';
import { parseRedisUrl } from '../../config/redis-url.js';
import { connectionFailure, failureReason, saysNothing, STATE } from './failure-reason.js';
import { loadScripts, type ScriptName } from './scripts.js';

/** How long to wait before the next attempt to connect. */
const RETRY_MS = 100;
const MAX_RETRY_MS = 500;
/** Attempts of a command that a Redis Cluster sends elsewhere. */
const MAX_REDIRECTIONS = 5;

/** Answers that say that Redis cannot do anything now, and not that it was asked for nonsense. */
const TRANSIENT =
  /^(READONLY|LOADING|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|MOVED|ASK|NOREPLICAS|OOM|BUSY|NOAUTH|WRONGPASS|NOPERM)/;

/** The words of ioredis for an answer that does not come in time. */
const COMMAND_TIMEOUT = 'Command timed out';

/** A client of ioredis, whatever it is connected to. */
export type RedisClient = Redis | Cluster;

type Argument = string | number | Buffer;

/** The connection over which this node asks Redis. Whatever fails because Redis is not there is UNAVAILABLE. */
@Injectable()
export class RedisConnection {
  readonly client: RedisClient;
  readonly isCluster: boolean;
  /** How often something has failed, or may have been lost, because Redis was not there. */
  failures = 0;
  /** Why Redis cannot be reached, or could not be the last time. */
  reason: string = STATE.none;
  /** Called with the reason when a connection, or an attempt to connect, fails. */
  onFailure: (reason: string) => void = () => undefined;

  constructor(private readonly options: ClusterOptions) {
    this.client = connect(options, {
      commandTimeout: options.redisTimeoutMs,
      enableAutoPipelining: true,
      // Messages come in batches already.
      autoPipeliningIgnoredCommands: ['xadd'],
      scripts: loadScripts(),
    });
    this.isCluster = this.client instanceof Cluster;
    // Whoever was away may have lost what it held.
    for (const event of ['close', '-node']) this.client.on(event, () => this.failures++);
    this.noteReasons();
  }

  /** Whether Redis can be asked at the moment, as far as is known. */
  get isReady(): boolean {
    return this.client.status === 'ready';
  }

  /** Resolves as soon as Redis can be asked, or after some time. */
  async whenReady(timeoutMs: number): Promise<void> {
    if (this.isReady) return;
    const late = new AbortController();
    const ready = once(this.client, 'ready', { signal: late.signal }).catch(() => undefined);
    const timer = setTimeout(() => late.abort(), timeoutMs);
    await ready;
    clearTimeout(timer);
  }

  /** A connection of its own for commands that wait at Redis, for up to `blockMs`. */
  forBlocking(blockMs: number): RedisClient {
    return connect(this.options, { socketTimeout: blockMs + this.options.redisTimeoutMs });
  }

  /**
   * Waits for the answer to a command.
   * @throws DomainError UNAVAILABLE; Error for a command that makes no sense
   */
  async ask<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    try {
      return await command(this.client);
    } catch (error) {
      const { name, message } = error as Error;
      if (name === 'ReplyError' && !TRANSIENT.test(message)) {
        // Its own members name the arguments, and those belong in no log; of a cause only the text gets there.
        throw new Error('Redis refuses a command', { cause: error });
      }
      this.failures++;
      // What else a command fails with only says that there is no connection.
      if (name === 'ReplyError' || message === COMMAND_TIMEOUT) this.reason = failureReason(error);
      throw new DomainError('UNAVAILABLE', {}, { cause: error });
    }
  }

  /**
   * Runs a script on the keys below a base.
   * @throws as `ask`
   */
  run(script: ScriptName, base: string, ...args: readonly Argument[]): Promise<unknown> {
    return this.ask((client) => commandsOf(client)[script](base, ...args));
  }

  /** As `run`; texts in the answer are bytes. */
  runForBytes(script: ScriptName, base: string, ...args: readonly Argument[]): Promise<unknown> {
    return this.ask((client) => commandsOf(client)[`${script}Buffer`](base, ...args));
  }

  /** For good. */
  close(): void {
    this.client.disconnect();
  }

  private noteReasons(): void {
    const { client } = this;
    client.on('connect', () => (this.reason = STATE.connecting));
    client.on('ready', () => (this.reason = STATE.lost));
    client.on('error', (error: Error) => void this.explain(error));
    client.on('close', () => {
      if (this.reason === STATE.none || this.reason === STATE.connecting) void this.explain();
      else this.onFailure(this.reason);
    });
  }

  /** Finds out why there is no connection, if an error has not said so already. */
  private async explain(error?: Error): Promise<void> {
    if (error && !saysNothing(error)) {
      this.reason = failureReason(error);
    } else {
      const { hosts = [] } = parseRedisUrl(this.options.redis) ?? {};
      this.reason = (await connectionFailure(hosts, this.options.redisTimeoutMs)) ?? STATE.refused;
    }
    this.onFailure(this.reason);
  }
}

type Commands = Record<ScriptName | `${ScriptName}Buffer`, (...args: Argument[]) => Promise<unknown>>;

/** ioredis adds a method for each script. */
function commandsOf(client: RedisClient): Commands {
  return client as never;
}

/** Connects, and goes on trying; a command fails at once while there is no connection. */
function connect(options: ClusterOptions, extra: RedisOptions): RedisClient {
  const address = parseRedisUrl(options.redis);
  if (!address) throw new Error('redis: not a URL of Redis');
  const { kind, hosts, username, password, db, group, tls } = address;
  const retryStrategy = (attempt: number): number => Math.min(attempt * RETRY_MS, MAX_RETRY_MS);
  const common: RedisOptions = {
    ...extra,
    username,
    password,
    tls: tls ? {} : undefined,
    // The older protocol is spoken by every Redis and Valkey.
    protocol: 2,
    connectTimeout: options.redisTimeoutMs,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    retryStrategy,
    // After a failover the old master may still take connections.
    reconnectOnError: ({ message }) => message.startsWith('READONLY'),
  };
  const client = ((): RedisClient => {
    switch (kind) {
      case 'single':
        return new Redis({ ...common, ...hosts[0], db });
      case 'sentinel':
        return new Redis({
          ...common,
          db,
          name: group,
          sentinels: [...hosts],
          sentinelPassword: password,
          sentinelUsername: username,
          enableTLSForSentinelMode: tls,
          sentinelRetryStrategy: retryStrategy,
        });
      case 'cluster':
        return new Cluster([...hosts], {
          redisOptions: common,
          scripts: extra.scripts,
          enableAutoPipelining: extra.enableAutoPipelining,
          autoPipeliningIgnoredCommands: extra.autoPipeliningIgnoredCommands,
          enableOfflineQueue: false,
          clusterRetryStrategy: retryStrategy,
          maxRedirections: MAX_REDIRECTIONS,
          slotsRefreshTimeout: options.redisTimeoutMs,
        });
    }
  })();
  // Each command says by itself that it has failed; without a listener the event would end the process.
  client.on('error', () => undefined);
  return client;
}
