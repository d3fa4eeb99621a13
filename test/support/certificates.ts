import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atTeardown } from './teardown.js';

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Files of a TLS key and its certificate, in the names of the options. */
export interface CertificateFiles {
  readonly sslkey: string;
  readonly sslcert: string;
}

/** Creates a key and a self-signed certificate in a folder that is removed after the test, or after the file. */
export function createCertificate(name = 'signal.example'): CertificateFiles {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  atTeardown(() => {
    rmSync(folder, { recursive: true });
  });
  const files = { sslkey: join(folder, 'key.pem'), sslcert: join(folder, 'cert.pem') };
  writeCertificate(files, name);
  return files;
}

/**
 * Replaces a key and its certificate, each in one step.
 * @param days until it expires; negative for one that has expired
 */
export function writeCertificate({ sslkey, sslcert }: CertificateFiles, name: string, days = 1): void {
  const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { stdio: 'pipe' });
  const request = `${sslcert}.request`;
  openssl('req', '-new', ...NEW_KEY, '-subj', `/CN=${name}`, '-keyout', `${sslkey}.new`, '-out', request);
  const signed = ['-signkey', `${sslkey}.new`, '-days', String(days), '-out', `${sslcert}.new`];
  openssl('x509', '-req', '-in', request, ...signed);
  renameSync(`${sslkey}.new`, sslkey);
  renameSync(`${sslcert}.new`, sslcert);
}
