import { type DomainError, isDomainError } from '../common/domain-error.js';
import { ConfigError } from '../config/load-config.js';
import { CHECK_TOKEN_USAGE, checkToken } from './check-token.js';
import type { CliContext } from './cli.js';
import { GEN_TOKEN_USAGE, genToken } from './gen-token.js';
import { UsageError } from './usage-error.js';

const OK = 0;
const REFUSED = 1;
const WRONG_USAGE = 2;

interface Command {
  readonly usage: string;
  /** Returns the text for standard output. */
  run(argv: readonly string[], context: CliContext): Promise<string>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  'gen-token': { usage: GEN_TOKEN_USAGE, run: async (argv) => `${await genToken(argv)}\n` },
  'check-token': {
    usage: CHECK_TOKEN_USAGE,
    run: (argv, { env, stderr }) => {
      const warn = (_: unknown, message: string): void => void stderr.write(`signalbox: ${message}\n`);
      return checkToken(argv, env, { logger: { warn } });
    },
  },
};

/**
 * Runs `gen-token` or `check-token`.
 * @returns the exit code: 1 for a token that is refused, 2 for wrong usage
 */
export async function runTokenCommand(context: CliContext): Promise<number> {
  const [name = '', ...argv] = context.argv;
  const command = COMMANDS[name];
  if (!command) throw new Error(`There is no command ${name}`);
  if (argv.includes('--help') || argv.includes('-h')) {
    context.stdout.write(command.usage);
    return OK;
  }
  try {
    context.stdout.write(await command.run(argv, context));
    return OK;
  } catch (error) {
    return report(error, name, context);
  }
}

function report(error: unknown, name: string, { stderr }: CliContext): number {
  if (isDomainError(error)) {
    stderr.write(`signalbox: ${refusalOf(error)}\n`);
    return REFUSED;
  }
  if (error instanceof ConfigError) {
    for (const problem of error.problems) stderr.write(`signalbox: ${problem}\n`);
  } else if (error instanceof UsageError || (error as NodeJS.ErrnoException).code !== undefined) {
    stderr.write(`signalbox: ${(error as Error).message}, see signalbox ${name} --help\n`);
  } else {
    throw error;
  }
  return WRONG_USAGE;
}

function refusalOf({ code, data }: DomainError): string {
  if (code === 'UNAVAILABLE') return 'the token cannot be checked: the server that knows does not answer';
  return 'reason' in data ? `the token is refused: ${data.reason}` : `the token is refused: ${code}`;
}
