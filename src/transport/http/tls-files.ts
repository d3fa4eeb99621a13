import { X509Certificate } from 'node:crypto';
import { type KeyPair, readKeyPair } from '../../config/pem-files.js';
import type { ServerOptions } from '../../config/sections/server.options.js';

/**
 * Reads the configured key and certificate.
 * @returns undefined if none are configured
 * @throws ConfigError as `readKeyPair`
 */
export function readTlsFiles({ sslkey, sslcert }: Pick<ServerOptions, 'sslkey' | 'sslcert'>): KeyPair | undefined {
  if (sslkey === '') return undefined;
  return readKeyPair({ option: 'sslkey', path: sslkey }, { option: 'sslcert', path: sslcert });
}

/** Returns when the server's own certificate, the first one of its chain, expires. */
export function expiryOf({ cert }: KeyPair): Date {
  return new Date(new X509Certificate(cert).validTo);
}
