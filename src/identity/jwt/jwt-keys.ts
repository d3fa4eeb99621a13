import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type * as Jose from 'jose';
import { ConfigError } from '../../config/load-config.js';
import { type JwtOptions, KEY_ALGORITHMS, SECRET_ALGORITHMS } from '../../config/sections/auth.options.js';
import { readSecrets } from '../secrets.js';

/** A shared secret or a public key. */
export type JwtKey = Uint8Array | KeyObject;

/** Where the keys of tokens come from, and the algorithms that fit them. */
export interface JwtKeys {
  /** A token is good if one of these keys, or the key that the function returns, fits its signature. */
  readonly keys: readonly JwtKey[] | Jose.JWTVerifyGetKey;
  readonly algorithms: readonly string[];
}

const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const BY_CURVE: Readonly<Record<string, readonly string[]>> = {
  prime256v1: ['ES256'],
  secp384r1: ['ES384'],
  secp521r1: ['ES512'],
};

/**
 * Returns the keys that the options name, with the algorithms of the options that fit them.
 * @param jwks the keys at `jwksUrl`
 * @throws ConfigError if a file holds no key, or no algorithm fits
 */
export function keysOf(options: JwtOptions, jwks?: Jose.JWTVerifyGetKey): JwtKeys {
  if (jwks) return { keys: jwks, algorithms: chosen(options, KEY_ALGORITHMS) };
  if (options.publicKeyFile !== '') {
    const key = publicKeyIn(options.publicKeyFile);
    return { keys: [key], algorithms: chosen(options, algorithmsOf(key)) };
  }
  const secrets = readSecrets(options).map((secret) => Buffer.from(secret));
  if (secrets.length === 0) throw new ConfigError(['auth.jwt must have jwksUrl, publicKeyFile, secret or secretFile']);
  return { keys: secrets, algorithms: chosen(options, SECRET_ALGORITHMS) };
}

/** Algorithms of a shared secret never fit a public key, which everyone knows. */
function chosen({ algorithms }: JwtOptions, fitting: readonly string[]): readonly string[] {
  if (algorithms.length === 0) return fitting;
  const both = algorithms.filter((algorithm) => fitting.includes(algorithm));
  if (both.length === 0) throw new ConfigError([`auth.jwt.algorithms must fit the key: ${fitting.join(', ')}`]);
  return both;
}

function publicKeyIn(path: string): KeyObject {
  const text = readFileSync(path, 'utf8');
  try {
    if (!text.trimStart().startsWith('{')) return createPublicKey(text);
    return createPublicKey({ key: JSON.parse(text) as Jose.JWK, format: 'jwk' });
  } catch {
    // The message of the cause may quote the file, which may be the wrong one.
    throw new ConfigError([`auth.jwt.publicKeyFile (${path}) must hold a public key as PEM or JWK`]);
  }
}

/** The algorithms that fit a key of a pair, the usual one first. */
export function algorithmsOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): readonly string[] {
  if (asymmetricKeyType === 'rsa') return RSA;
  if (asymmetricKeyType === 'ed25519') return ['EdDSA', 'Ed25519'];
  return BY_CURVE[asymmetricKeyDetails?.namedCurve ?? ''] ?? [];
}
