import type { Config } from '../config/config.js';
import { LiveConfig } from '../config/live-config.js';
import { ConfigError } from '../config/load-config.js';
import { TurnSecret } from '../ice/turn-secret.js';
import { createAuthority } from '../identity/create-authority.js';
import type { Realm } from '../realms/realm.js';
import { Realms } from '../realms/realms.js';
import { readTlsFiles } from '../transport/http/tls-files.js';
import type { CliContext } from './cli.js';

const OK = 0;
const WRONG_USAGE = 2;

/**
 * Checks the files that a valid configuration names, as a start of the server would, and writes the result. It neither
 * listens nor connects.
 * @returns the exit code
 */
export async function checkConfig(
  config: Config,
  { stdout, stderr }: Pick<CliContext, 'stdout' | 'stderr'>,
): Promise<number> {
  const problems = [
    ...(await problemsOf(() => readTlsFiles(config))),
    ...(await Promise.all(new Realms(new LiveConfig(config)).all().map(problemsOfRealm))).flat(),
  ];
  // Realms without rules of their own share those of the flat options, and their problems.
  for (const problem of new Set(problems)) stderr.write(`signalbox: ${problem}\n`);
  if (problems.length > 0) return WRONG_USAGE;
  stdout.write('The configuration is good.\n');
  return OK;
}

async function problemsOfRealm({ auth, ice: { turn } }: Realm): Promise<readonly string[]> {
  const ignored = { logger: { warn: () => undefined } };
  return [
    // Keys at a URL are fetched by the running server, which starts without them.
    ...(auth.jwt?.jwksUrl ? [] : await problemsOf(async () => (await createAuthority(auth, ignored))?.close())),
    ...(turn ? await problemsOf(() => new TurnSecret(turn, () => undefined)) : []),
  ];
}

async function problemsOf(check: () => unknown): Promise<readonly string[]> {
  try {
    await check();
    return [];
  } catch (error) {
    return error instanceof ConfigError ? error.problems : [(error as Error).message];
  }
}
