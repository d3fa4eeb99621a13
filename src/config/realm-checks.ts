import { ValidateBy } from '../common/class-validator.js';
import type { Config } from './config.js';
import { type Given } from './members.js';
import { authOf } from './realm-auth.js';
import { DEFAULT_REALM, sharedDoor } from './realm-doors.js';
import { type AuthOptions, type JwtOptions, SECRET_ALGORITHMS } from './sections/auth.options.js';
import type { IceOptions } from './sections/ice.options.js';
import type { RealmOptions } from './sections/realm.options.js';

/** The options of one configuration. One that has been rejected is undefined, and so are others while one is checked. */
type Checked = Partial<Config>;

/** Requires that the option `auth` is complete, unless it is only the base of the realms. */
export function CompleteAuth(): PropertyDecorator {
  return between('completeAuth', ({ auth, realms }) => {
    return auth && realms && !areNamed(realms) ? authFault(auth) : undefined;
  });
}

/** Requires that the option `ice` is complete. */
export function CompleteIce(): PropertyDecorator {
  return between('completeIce', ({ ice }) => ice && iceFault(ice));
}

/** Requires that each realm is complete, and that no two share a door. */
export function ConsistentRealms(): PropertyDecorator {
  return between('consistentRealms', (config) => {
    const { realms, auth, connectorRealm, keys, easyrtcApplications } = config;
    if (!realms || !areNamed(realms)) return undefined;
    for (const [name, own] of Object.entries(realms)) {
      const fault = (auth && authFault(auth, own.auth)) ?? (own.ice && iceFault(own.ice));
      if (fault !== undefined) return `cannot be used: ${name} ${fault}`;
    }
    // A check of one option alone has no others.
    if (connectorRealm === undefined || !keys || !easyrtcApplications) return undefined;
    const isElsewhere = (realm: string): boolean => realm !== DEFAULT_REALM;
    if (isElsewhere(connectorRealm))
      return 'must name all doors: give connectorPath of a realm instead of connectorRealm';
    if ([...keys.values()].some(isElsewhere)) return 'must name all doors: give peerjsKeys of a realm instead of keys';
    if ([...easyrtcApplications.values()].some(isElsewhere)) {
      return 'must name all doors: give easyrtcApplications of a realm instead of the flat option';
    }
    return sharedDoor(config as Config);
  });
}

function areNamed(realms: Readonly<Record<string, Given<RealmOptions>>>): boolean {
  return Object.keys(realms).length > 0;
}

function authFault(flat: Given<AuthOptions>, own?: Given<AuthOptions>): string | undefined {
  const { mode, jwt, webhook } = authOf(flat, own);
  if (mode === 'jwt') return jwtFault(jwt);
  return mode === 'webhook' && (webhook?.url ?? '') === '' ? 'needs url in auth.webhook' : undefined;
}

function jwtFault(jwt: JwtOptions | undefined): string | undefined {
  const isSecret = jwt !== undefined && jwt.secret.length + jwt.secretFile.length > 0;
  const sources = [isSecret, (jwt?.jwksUrl ?? '') !== '', (jwt?.publicKeyFile ?? '') !== ''].filter(Boolean);
  if (sources.length !== 1) return 'needs exactly one of jwksUrl, publicKeyFile and secret (or secretFile) in auth.jwt';
  const ofSecrets = SECRET_ALGORITHMS as readonly string[];
  const isMisfit = jwt?.algorithms.some((algorithm) => ofSecrets.includes(algorithm) !== isSecret);
  return isMisfit
    ? 'has algorithms in auth.jwt that do not fit its keys: HS* needs a secret, all others a public key'
    : undefined;
}

function iceFault({ turn, http }: Given<IceOptions>): string | undefined {
  const { urls = [], secret = [], secretFile = [] } = turn ?? {};
  if (turn && (urls.length === 0 || secret.length + secretFile.length === 0)) {
    return 'needs urls, and secret or secretFile, in ice.turn';
  }
  return http && (http.url ?? '') === '' ? 'needs url in ice.http' : undefined;
}

/** A rule between options. `faultOf` returns the end of a sentence that begins with the name of the option. */
function between(name: string, faultOf: (config: Checked) => string | undefined): PropertyDecorator {
  return ValidateBy({
    name,
    validator: {
      validate: (_, args) => faultOf(args!.object) === undefined,
      defaultMessage: (args) => faultOf(args!.object) ?? '',
    },
  });
}
