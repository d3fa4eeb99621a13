import { readFileSync } from 'node:fs';
import { packageVersion } from '../common/package-version.js';
import { Config } from '../config/config.js';
import { describeConfig } from '../config/describe-config.js';
import { readFlags } from '../config/flags.js';
import { Invocation } from '../config/invocation.js';
import { ConfigError, loadConfig, type LoadedConfig } from '../config/load-config.js';
import { optionsOf } from '../config/option.js';
import { renderHelp } from './help.js';
import { printConfig } from './print-config.js';

export interface CliContext {
  /** `process.argv.slice(2)` */
  argv: readonly string[];
  env: NodeJS.ProcessEnv;
  stdout: Output;
  stderr: Output;
}

export interface Output {
  /** Width of the terminal; undefined if the output is not a terminal. */
  readonly columns?: number;
  write(text: string): unknown;
}

/** The configuration to start the server with or to check, the command to run, or the exit code. */
export type CliOutcome = { run: LoadedConfig<Config> } | { check: Config } | { command: string } | { exitCode: number };

/** Commands that `runTokenCommand` runs. */
const TOKEN_COMMANDS: readonly string[] = ['gen-token', 'check-token'];

const OK = 0;
const WRONG_USAGE = 2;

const DEFAULT_COLUMNS = 80;

/** Reads the command line and the configuration, and prints what it asks for. Does not start the server. */
export function runCli(context: CliContext): CliOutcome {
  const { argv, stdout, stderr } = context;
  const [command = ''] = argv;
  if (TOKEN_COMMANDS.includes(command)) return { command };
  const asked = flagsAskedFor(argv);
  if (asked.has('help')) {
    stdout.write(renderHelp(describeConfig(Invocation), describeConfig(Config), stdout.columns ?? DEFAULT_COLUMNS));
    return { exitCode: OK };
  }
  if (asked.has('version')) {
    stdout.write(`${packageVersion()}\n`);
    return { exitCode: OK };
  }

  let loaded: LoadedConfig<Config>;
  try {
    loaded = load(context);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems) stderr.write(`signalbox: ${problem}\n`);
    return { exitCode: WRONG_USAGE };
  }
  if (asked.has('checkConfig')) return { check: loaded.config };
  if (!asked.has('printConfig')) return { run: loaded };
  stdout.write(printConfig(Config, loaded));
  return { exitCode: OK };
}

/**
 * Loads the configuration of a command line.
 * @throws ConfigError with all problems
 */
export function load({ argv, env }: Pick<CliContext, 'argv' | 'env'>): LoadedConfig<Config> {
  return loadConfig(Config, { argv, env, readFile: (path) => readFileSync(path, 'utf8') });
}

/** Returns the invocation flags that are on. `--help` works even if the rest of the command line is invalid. */
function flagsAskedFor(argv: readonly string[]): Set<string> {
  const { settings } = readFlags(argv, [...optionsOf(Invocation), ...optionsOf(Config)]);
  const on = settings.filter(({ option, value }) => option.owner === Invocation && [value].flat().includes(true));
  return new Set(on.map(({ option }) => option.name));
}
