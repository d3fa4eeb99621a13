import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type * as Jose from 'jose';
import { ConfigError } from '../../config/load-config.js';
import { readSecrets } from '../secrets.js';
import { algorithmsOf, type JwtKey } from './jwt-keys.js';

/** A key that signs tokens. */
export interface SigningKey {
  readonly key: JwtKey;
  readonly algorithm: string;
  readonly kid?: string;
}

/** @throws ConfigError for a file without a secret of 16 characters or more; Error for a file that cannot be read */
export function secretKeyIn(path: string, algorithm = 'HS256'): SigningKey {
  const [secret = ''] = readSecrets({ secret: [], secretFile: [path] });
  return { key: Buffer.from(secret), algorithm };
}

/**
 * Returns the private key in a file.
 * @param path of a PEM or JWK
 * @param algorithm undefined: the usual one for the key
 * @throws ConfigError for a file without a private key; Error for a file that cannot be read
 */
export function privateKeyIn(path: string, algorithm?: string): SigningKey {
  const { key, kid } = parsed(path);
  const fitting = algorithmsOf(key);
  const [usual] = fitting;
  if (usual === undefined) throw new ConfigError([`no algorithm fits the key (${path})`]);
  if (algorithm !== undefined && !fitting.includes(algorithm)) {
    throw new ConfigError([`the algorithm must fit the key: ${fitting.join(', ')}`]);
  }
  return { key, kid, algorithm: algorithm ?? usual };
}

/** Signs a token. */
export async function signToken(claims: object, { key, algorithm, kid }: SigningKey): Promise<string> {
  const { SignJWT } = await import('jose');
  const header = { alg: algorithm, typ: 'JWT', ...(kid !== undefined && { kid }) };
  return new SignJWT(claims as Jose.JWTPayload).setProtectedHeader(header).sign(key);
}

function parsed(path: string): { key: KeyObject; kid?: string } {
  const text = readFileSync(path, 'utf8');
  try {
    if (!text.trimStart().startsWith('{')) return { key: createPrivateKey(text) };
    const jwk = JSON.parse(text) as Jose.JWK;
    return { key: createPrivateKey({ key: jwk, format: 'jwk' }), kid: jwk.kid };
  } catch {
    // The message of the cause may quote the file.
    throw new ConfigError([`the file (${path}) must hold a private key as PEM or JWK`]);
  }
}
