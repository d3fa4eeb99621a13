import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { ConfigError } from './config-error.js';

/** A file in PEM, and the option that names it. */
export interface PemFile {
  readonly option: string;
  readonly path: string;
}

/** Private key and certificate chain in PEM. */
export interface KeyPair {
  readonly key: Buffer;
  readonly cert: Buffer;
}

/**
 * Reads a private key and its certificate.
 * @throws ConfigError with one line that names the option and the file, if a file cannot be used or the two do not
 *   match
 */
export function readKeyPair(keyFile: PemFile, certFile: PemFile): KeyPair {
  const key = attempt(keyFile, () => readFileSync(keyFile.path));
  const cert = attempt(certFile, () => readFileSync(certFile.path));
  const privateKey = attempt(keyFile, () => privateKeyOf(key), 'is not a private key in PEM');
  const certificate = attempt(certFile, () => new X509Certificate(cert), 'is not a certificate in PEM');
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new ConfigError([`${shown(keyFile)} is not the private key of the certificate in ${shown(certFile)}`]);
  }
  // OpenSSL reports the remaining faults, such as a truncated chain or a key that is too short.
  attempt(certFile, () => createSecureContext({ key, cert }));
  return { key, cert };
}

/**
 * Reads the certificates of authorities.
 * @throws ConfigError as `readKeyPair`
 */
export function readAuthorities(file: PemFile): Buffer {
  const ca = attempt(file, () => readFileSync(file.path));
  attempt(file, () => new X509Certificate(ca), 'is not a certificate in PEM');
  return ca;
}

function privateKeyOf(pem: Buffer): KeyObject {
  if (/^-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m.test(pem.toString('latin1'))) {
    throw new Error('it is encrypted; write it without a passphrase (openssl pkey -in KEY -out FILE)');
  }
  return createPrivateKey(pem);
}

function attempt<T>(file: PemFile, read: () => T, fault = 'cannot be used'): T {
  try {
    return read();
  } catch (error) {
    const { message } = error as Error;
    throw new ConfigError([`${shown(file)} ${fault}: ${message}`]);
  }
}

function shown({ option, path }: PemFile): string {
  return `${option} (${path})`;
}
