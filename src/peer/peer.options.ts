import type { CorsOptions } from 'cors';
import { Config } from '../config/config.js';
import { ConfigError, configOf } from '../config/load-config.js';
import { optionsOf } from '../config/option.js';
import { DAY_MS, MILLION } from '../config/units.js';
import type { IConfig, PeerServerOptions } from './peer.types.js';

/** The names that Signalbox gives to the options of `peer`. */
const RENAMED = {
  expire_timeout: 'queueTtlMs',
  alive_timeout: 'deadAfterMs',
  cleanup_out_msgs: 'queueSweepMs',
  concurrent_limit: 'concurrentLimit',
  allow_discovery: 'allowDiscovery',
} as const satisfies Partial<Record<keyof IConfig, keyof Config>>;

/** Options that `peer` has, too, or that make no sense behind the HTTP server of a program. */
const NOT_PASSED_ON: readonly string[] = ['host', 'port', 'sslkey', 'sslcert', 'basePath', ...Object.keys(RENAMED)];

const DEFAULT_PORT = 9000;
const DEFAULT_HOST = '::';
const DEFAULT_ALIVE_TIMEOUT_MS = 90_000;

/** The options of a PeerServer as this package uses them. */
export interface PeerSetup {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly ssl?: IConfig['ssl'];
  readonly corsOptions: CorsOptions;
  readonly generateClientId?: () => string;
  readonly createWebSocketServer?: IConfig['createWebSocketServer'];
  /** Whether the program has set `proxied`. */
  readonly knowsProxies: boolean;
  readonly config: Config;
}

/**
 * Reads the options of a program.
 * @throws ConfigError for an invalid value, by the name that the program has used
 */
export function readOptions(options: PeerServerOptions): PeerSetup {
  const config = checked(configValues(options));
  const { host = DEFAULT_HOST, port = DEFAULT_PORT, corsOptions = { origin: true }, ssl, generateClientId } = options;
  return {
    host,
    port,
    path: config.path,
    ssl: ssl && Object.keys(ssl).length > 0 ? ssl : undefined,
    corsOptions,
    generateClientId,
    createWebSocketServer: options.createWebSocketServer,
    knowsProxies: options.proxied !== undefined,
    config,
  };
}

function configValues(options: PeerServerOptions): Partial<Config> {
  const known = new Set(optionsOf(Config).map(({ name }) => name));
  const passedOn = Object.entries(options).filter(([name]) => known.has(name) && !NOT_PASSED_ON.includes(name));
  const { expire_timeout, alive_timeout = DEFAULT_ALIVE_TIMEOUT_MS, cleanup_out_msgs, concurrent_limit } = options;
  return {
    // A library writes nothing to the program's output unless it is broken.
    logLevel: 'error',
    ...(Object.fromEntries(passedOn) as Partial<Config>),
    queueTtlMs: within(expire_timeout, 1, DAY_MS),
    deadAfterMs: within(alive_timeout, 1, DAY_MS),
    queueSweepMs: within(cleanup_out_msgs, 1, DAY_MS),
    concurrentLimit: within(concurrent_limit, 0, 10 * MILLION),
    allowDiscovery: options.allow_discovery === undefined ? undefined : Boolean(options.allow_discovery as unknown),
    proxied: proxiedOf(options.proxied),
  };
}

/** Returns a number, or one in text of the environment, within the bounds of the option. */
function within(value: unknown, min: number, max: number): number | undefined {
  if (value === undefined) return undefined;
  const number = Math.trunc(Number(value));
  // The option's rule refuses other values, and shows what the program has written.
  return Number.isNaN(number) ? (value as number) : Math.min(Math.max(number, min), max);
}

/** Reads the texts `true` and `false`, which come from the environment. */
function proxiedOf(proxied: IConfig['proxied'] | undefined): Config['proxied'] | undefined {
  if (proxied === 'true') return true;
  return proxied === 'false' || proxied === '' ? false : proxied;
}

/** @throws ConfigError in the program's own names */
function checked(values: Partial<Config>): Config {
  try {
    return configOf(Config, values);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(error.problems.map(inNamesOfPeer));
  }
}

function inNamesOfPeer(problem: string): string {
  const renamed = Object.entries(RENAMED).find(([, name]) => problem.startsWith(`${name} `));
  return renamed ? problem.replace(renamed[1], renamed[0]) : problem;
}
