import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { ConfigError } from '../../config/load-config.js';
import type { ServerOptions } from '../../config/sections/server.options.js';

/** Private key and certificate chain in PEM. */
export interface TlsFiles {
  readonly key: Buffer;
  readonly cert: Buffer;
}

/**
 * Reads the configured key and certificate.
 * @returns undefined if none are configured
 * @throws ConfigError with one line that names the option and the file, if a file cannot be used or the two do not
 *   match
 */
export function readTlsFiles({ sslkey, sslcert }: Pick<ServerOptions, 'sslkey' | 'sslcert'>): TlsFiles | undefined {
  if (sslkey === '') return undefined;
  const key = attempt('sslkey', sslkey, () => readFileSync(sslkey));
  const cert = attempt('sslcert', sslcert, () => readFileSync(sslcert));
  const privateKey = attempt('sslkey', sslkey, () => privateKeyOf(key), 'is not a private key in PEM');
  const certificate = attempt('sslcert', sslcert, () => new X509Certificate(cert), 'is not a certificate in PEM');
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new ConfigError([`sslkey (${sslkey}) is not the private key of the certificate in sslcert (${sslcert})`]);
  }
  // OpenSSL reports the remaining faults, such as a truncated chain or a key that is too short.
  attempt('sslcert', sslcert, () => createSecureContext({ key, cert }));
  return { key, cert };
}

function privateKeyOf(pem: Buffer): KeyObject {
  if (/^-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m.test(pem.toString('latin1'))) {
    throw new Error('it is encrypted; write it without a passphrase (openssl pkey -in KEY -out FILE)');
  }
  return createPrivateKey(pem);
}

function attempt<T>(option: string, path: string, read: () => T, fault = 'cannot be used'): T {
  try {
    return read();
  } catch (error) {
    const { message } = error as Error;
    throw new ConfigError([`${option} (${path}) ${fault}: ${message}`]);
  }
}
