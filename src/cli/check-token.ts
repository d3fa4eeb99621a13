import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Identity, RoomPatterns } from '../common/identity.js';
import { Config } from '../config/config.js';
import { LiveConfig } from '../config/live-config.js';
import { loadConfig } from '../config/load-config.js';
import { refuse } from '../identity/auth-reasons.js';
import { createAuthority } from '../identity/create-authority.js';
import type { WarningLog } from '../identity/troubles.js';
import { Realms } from '../realms/realms.js';
import { UsageError } from './usage-error.js';

export const CHECK_TOKEN_USAGE = `Usage: signalbox check-token TOKEN [--config FILE] [--realm NAME]

Says what a client with the token may do, or why the token is refused.

  --config FILE  the server's configuration
  --realm NAME   the realm in which the token is used (default: default)
`;

const OPTIONS = { config: { type: 'string' }, realm: { type: 'string', default: 'default' } } as const;

/**
 * Returns the description of a good token.
 * @param argv arguments after `check-token`
 * @throws UsageError for invalid arguments, ConfigError for an invalid configuration; DomainError UNAUTHENTICATED for a
 *   bad token, UNAVAILABLE if it cannot be checked
 */
export async function checkToken(argv: readonly string[], env: NodeJS.ProcessEnv, log: WarningLog): Promise<string> {
  const { token, realm, config } = argumentsOf(argv);
  const flags = config === undefined ? [] : ['--config', config];
  const loaded = loadConfig(Config, { argv: flags, env, readFile: (path) => readFileSync(path, 'utf8') });
  const { auth, rooms } = new Realms(new LiveConfig(loaded.config)).get(realm);
  const authority = await createAuthority(auth, log);
  if (!authority) return `The realm ${realm} checks no tokens (auth.mode is none).\n`;
  try {
    const claims = await authority.verify({ protocol: 'check-token', realm, token, address: '127.0.0.1' });
    if (claims.realm !== undefined && claims.realm !== realm) refuse('realm');
    return described(realm, claims.identity, rooms.create);
  } finally {
    authority.close();
  }
}

function argumentsOf(argv: readonly string[]): { token: string; realm: string; config?: string } {
  const { values, positionals } = parsed(argv);
  const [token, ...others] = positionals;
  if (token === undefined || others.length > 0) throw new UsageError('give one token');
  return { token, ...values };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function described(realm: string, identity: Identity, create: string): string {
  const { sub, expiresAt, id, idPrefix, name, groups, rooms, signal = 'any', attributes } = identity;
  const lines = {
    user: sub ?? 'none (another connection cannot take the id over)',
    expires: expiresAt === undefined ? 'never' : new Date(expiresAt).toISOString(),
    id: id ?? (idPrefix === undefined ? 'any' : `any that begins with ${idPrefix}`),
    name: name ?? 'as the client says',
    groups: groups?.join(', ') ?? 'none',
    'may join': patterns(rooms?.join),
    'may create': `${patterns(rooms?.create ?? rooms?.join)} (rooms.create of the realm is ${create})`,
    'may signal to': { any: 'all clients', rooms: 'clients in the same room', none: 'nobody' }[signal],
    attributes: attributes === undefined ? 'none' : JSON.stringify(attributes),
  };
  const table = Object.entries(lines).map(([what, value]) => `  ${what.padEnd(14)} ${value}\n`);
  return `The token is accepted in the realm ${realm}.\n${table.join('')}`;
}

function patterns(list: RoomPatterns | undefined): string {
  if (list === undefined) return 'any room';
  return list.length > 0 ? `the rooms ${list.join(', ')}` : 'no room';
}
