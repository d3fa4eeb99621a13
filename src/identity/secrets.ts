import { readFileSync } from 'node:fs';
import { ConfigError } from '../config/load-config.js';

const MIN_LENGTH = 16;

/**
 * Returns the secrets of an option, and those in its files, without line breaks at their ends.
 * @throws ConfigError for a file without a secret of 16 characters or more
 */
export function readSecrets(options: {
  readonly secret: readonly string[];
  readonly secretFile: readonly string[];
}): readonly string[] {
  return [...options.secret, ...options.secretFile.map(secretIn)];
}

function secretIn(path: string): string {
  const secret = readFileSync(path, 'utf8').trim();
  if (secret.length < MIN_LENGTH) {
    throw new ConfigError([`secretFile (${path}) must hold a secret of ${MIN_LENGTH} characters or more`]);
  }
  return secret;
}
