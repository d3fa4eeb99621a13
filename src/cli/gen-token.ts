import { parseArgs } from 'node:util';
import { isDomainError } from '../common/domain-error.js';
import { readClaims } from '../identity/claims.js';
import { privateKeyIn, secretKeyIn, type SigningKey, signToken } from '../identity/jwt/token-signer.js';
import { UsageError } from './usage-error.js';

export const GEN_TOKEN_USAGE = `Usage: signalbox gen-token (--secret-file FILE | --private-key FILE) [options]

Prints a signed token (JWT) for one client.

  --secret-file FILE      shared secret (auth.jwt.secretFile)
  --private-key FILE      private key as PEM or JWK; servers get its public key (auth.jwt.publicKeyFile or jwksUrl)
  --algorithm NAME        default: HS256 for a secret, else the usual one for the key
  --kid ID                id of the key in the JWKS
  --sub USER              the user
  --ttl TIME              how long the token is valid: 90s, 15m, 1h, 7d (default 1h)
  --issuer, --audience    claims iss and aud
  --realm NAME            the only realm that the token is good for
  --id ID                 the client's id
  --id-prefix TEXT        how the id of a PeerJS client begins
  --name NAME             display name
  --group NAME            group of EasyRTC; may be repeated
  --rooms-join PATTERN    room that the client may join, such as team-*; may be repeated
  --rooms-create PATTERN  room that the client may create; may be repeated
  --signal SCOPE          any, rooms or none
  --attributes JSON       an object for the admin API and events
  --claim NAME            claim with these members (default signalbox; auth.jwt.claim)
`;

const TEXT = { type: 'string' } as const;
const TEXTS = { type: 'string', multiple: true } as const;
const OPTIONS = {
  'secret-file': TEXT,
  'private-key': TEXT,
  algorithm: TEXT,
  kid: TEXT,
  sub: TEXT,
  ttl: { type: 'string', default: '1h' },
  issuer: TEXT,
  audience: TEXTS,
  realm: TEXT,
  id: TEXT,
  'id-prefix': TEXT,
  name: TEXT,
  group: TEXTS,
  'rooms-join': TEXTS,
  'rooms-create': TEXTS,
  signal: TEXT,
  attributes: TEXT,
  claim: { type: 'string', default: 'signalbox' },
} as const;

type Values = ReturnType<typeof valuesOf>;

const UNITS_S: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * Returns a signed token.
 * @param argv arguments after `gen-token`
 * @throws UsageError for invalid arguments; ConfigError for a file without a key; Error for one that cannot be read
 */
export function genToken(argv: readonly string[]): Promise<string> {
  const values = valuesOf(argv);
  const claims = claimsOf(values);
  try {
    readClaims(claims, values.claim);
  } catch (error) {
    if (!isDomainError(error)) throw error;
    throw new UsageError('a value is not valid: see docs/authentication.md');
  }
  return signToken(claims, keyOf(values));
}

function valuesOf(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, strict: true }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function keyOf({ 'secret-file': secretFile, 'private-key': privateKey, algorithm, kid }: Values): SigningKey {
  if ((secretFile === undefined) === (privateKey === undefined)) {
    throw new UsageError('give either --secret-file or --private-key');
  }
  const key = privateKey === undefined ? secretKeyIn(secretFile ?? '', algorithm) : privateKeyIn(privateKey, algorithm);
  return kid === undefined ? key : { ...key, kid };
}

function claimsOf(values: Values): Record<string, unknown> {
  const iat = Math.floor(Date.now() / 1000);
  const { sub, issuer, audience, realm, id, name, group, signal, attributes, claim } = values;
  const rooms = defined({ join: values['rooms-join'], create: values['rooms-create'] });
  const members = defined({
    realm,
    id,
    idPrefix: values['id-prefix'],
    name,
    groups: group,
    rooms,
    signal,
    attributes: attributes === undefined ? undefined : objectOf(attributes),
  });
  const aud = audience?.length === 1 ? audience[0] : audience;
  return defined({ sub, iss: issuer, aud, iat, exp: iat + secondsOf(values.ttl), [claim]: members }) ?? {};
}

/** Returns the members that are not undefined; undefined if there are none. */
function defined(members: Record<string, unknown>): Record<string, unknown> | undefined {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

function secondsOf(ttl: string): number {
  const [, count, unit = ''] = /^([1-9]\d{0,8})([smhd])$/.exec(ttl) ?? [];
  const unitS = UNITS_S[unit];
  if (unitS === undefined) throw new UsageError('--ttl must be a time such as 90s, 15m, 1h or 7d');
  return Number(count) * unitS;
}

function objectOf(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new UsageError('--attributes must be a JSON object');
  }
}
