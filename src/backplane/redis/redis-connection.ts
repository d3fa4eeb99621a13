import { once } from 'node:events';
import type { ConnectionOptions } from 'node:tls';
import { Injectable } from '@nestjs/common';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { DomainError } from '../../common/domain-error.js';
import { parseRedisUrl } from '../../config/redis-url.js';
import { ClusterOptions } from '../../config/sections/cluster.options.js';
import { connectionFailure, failureReason, isUninformative, STATE } from './failure-reason.js';
import { redisTls } from './redis-tls.js';
import { loadScripts, type ScriptName } from './scripts.js';

/** Delay before the next attempt to connect; it grows by this much with each attempt. */
const RETRY_MS = 100;
const MAX_RETRY_MS = 500;
/** Most redirections of one command in a Redis Cluster. */
const MAX_REDIRECTIONS = 5;

/** Errors of a Redis that cannot serve commands now, as opposed to errors of the command. */
const TRANSIENT =
  /^(READONLY|LOADING|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|MOVED|ASK|NOREPLICAS|OOM|BUSY|NOAUTH|WRONGPASS|NOPERM)/;

/** Message of ioredis for a command that exceeds `commandTimeout`. */
const COMMAND_TIMEOUT = 'Command timed out';

/** A client of ioredis for one Redis, sentinels or a cluster. */
export type RedisClient = Redis | Cluster;

type Argument = string | number | Buffer;

/** The connection of this node to Redis. Commands that fail because Redis is away reject with UNAVAILABLE. */
@Injectable()
export class RedisConnection {
  readonly client: RedisClient;
  readonly isCluster: boolean;
  /** Counts events after which Redis may lack data of this node: failed commands, lost connections. */
  failures = 0;
  /** Reason of the last failure to reach Redis, for people. */
  reason: string = STATE.none;
  /** Called with the reason when a connection, or an attempt to connect, fails. */
  onFailure: (reason: string) => void = () => undefined;

  private readonly tls: ConnectionOptions | undefined;

  /** @throws ConfigError if a file of the options cannot be used */
  constructor(private readonly options: ClusterOptions) {
    this.tls = redisTls(options);
    this.client = connect(options, this.tls, {
      commandTimeout: options.redisTimeoutMs,
      enableAutoPipelining: true,
      // The message bus makes batches itself; a pipeline would delay each by a turn of the event loop.
      autoPipeliningIgnoredCommands: ['xadd'],
      scripts: loadScripts(),
    });
    this.isCluster = this.client instanceof Cluster;
    // A server that was away may have lost its data.
    for (const event of ['close', '-node']) this.client.on(event, () => this.failures++);
    this.watchReasons();
  }

  /** Whether the connection is up, as far as this node knows. */
  get isReady(): boolean {
    return this.client.status === 'ready';
  }

  /** Resolves once the connection is up, or after the timeout. */
  async whenReady(timeoutMs: number): Promise<void> {
    if (this.isReady) return;
    const late = new AbortController();
    const ready = once(this.client, 'ready', { signal: late.signal }).catch(() => undefined);
    const timer = setTimeout(() => late.abort(), timeoutMs);
    await ready;
    clearTimeout(timer);
  }

  /** Opens a separate connection for commands that block in Redis for at most `blockMs`. */
  forBlocking(blockMs: number): RedisClient {
    return connect(this.options, this.tls, { socketTimeout: blockMs + this.options.redisTimeoutMs });
  }

  /**
   * Runs a command.
   * @throws DomainError UNAVAILABLE; Error if Redis rejects the command itself
   */
  async ask<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    try {
      return await command(this.client);
    } catch (error) {
      const { name, message } = error as Error;
      if (name === 'ReplyError' && !TRANSIENT.test(message)) {
        // Members of a ReplyError hold the arguments, which must not be logged; of a cause only the message is.
        throw new Error('Redis refuses a command', { cause: error });
      }
      this.failures++;
      // All other errors only say that there is no connection.
      if (name === 'ReplyError' || message === COMMAND_TIMEOUT) this.reason = failureReason(error);
      throw new DomainError('UNAVAILABLE', {}, { cause: error });
    }
  }

  /**
   * Runs a script on the keys of one group.
   * @param base of `Keys`
   * @throws as `ask`
   */
  run(script: ScriptName, base: string, ...args: readonly Argument[]): Promise<unknown> {
    return this.ask((client) => commandsOf(client)[script](base, ...args));
  }

  /** As `run`, with strings in the answer as bytes. */
  runForBytes(script: ScriptName, base: string, ...args: readonly Argument[]): Promise<unknown> {
    return this.ask((client) => commandsOf(client)[`${script}Buffer`](base, ...args));
  }

  /** Closes the connection for good. */
  close(): void {
    this.client.disconnect();
  }

  private watchReasons(): void {
    const { client } = this;
    client.on('connect', () => (this.reason = STATE.connecting));
    client.on('ready', () => (this.reason = STATE.lost));
    client.on('error', (error: Error) => void this.explain(error));
    client.on('close', () => {
      if (this.reason === STATE.none || this.reason === STATE.connecting) void this.explain();
      else this.onFailure(this.reason);
    });
  }

  /** Reports the reason of a failure: from the error if it names one, otherwise from a probe of the hosts. */
  private async explain(error?: Error): Promise<void> {
    if (error && !isUninformative(error, this.tls !== undefined)) {
      this.reason = failureReason(error);
    } else {
      const { hosts = [] } = parseRedisUrl(this.options.redis) ?? {};
      this.reason = (await connectionFailure(hosts, this.tls, this.options.redisTimeoutMs)) ?? STATE.refused;
    }
    this.onFailure(this.reason);
  }
}

type Commands = Record<ScriptName | `${ScriptName}Buffer`, (...args: Argument[]) => Promise<unknown>>;

/** ioredis adds a method to the client for each script. */
function commandsOf(client: RedisClient): Commands {
  return client as never;
}

/** Connects, and reconnects for ever. Without a connection commands fail at once. */
function connect(options: ClusterOptions, tls: ConnectionOptions | undefined, extra: RedisOptions): RedisClient {
  const address = parseRedisUrl(options.redis);
  if (!address) throw new Error('redis: not a URL of Redis');
  const { kind, hosts, username, password, db, group } = address;
  const retryStrategy = (attempt: number): number => Math.min(attempt * RETRY_MS, MAX_RETRY_MS);
  const common: RedisOptions = {
    ...extra,
    username,
    password,
    tls,
    // Every Redis and Valkey speaks RESP2.
    protocol: 2,
    connectTimeout: options.redisTimeoutMs,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    retryStrategy,
    // After a failover the former master may still accept connections.
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
          sentinelTLS: tls,
          enableTLSForSentinelMode: tls !== undefined,
          sentinelRetryStrategy: retryStrategy,
        });
      case 'cluster':
        return new Cluster([...hosts], {
          redisOptions: common,
          // Over TLS the certificate is for the name of a node, which a look-up would replace.
          ...(tls && { dnsLookup: (host, found) => found(null, host) }),
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
  // Failed commands reject by themselves. An 'error' event without a listener would end the process.
  client.on('error', () => undefined);
  return client;
}
