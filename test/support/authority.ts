import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atTeardown } from './teardown.js';

/** Paths of a certificate and its private key in PEM. */
export interface IssuedFiles {
  readonly cert: string;
  readonly key: string;
}

/** An authority of the test's own. Its files are removed at teardown. */
export class Authority {
  readonly cert: string;
  private readonly key: string;
  private readonly folder = mkdtempSync(join(tmpdir(), 'signalbox-certificates-'));

  constructor() {
    atTeardown(() => rmSync(this.folder, { recursive: true }));
    ({ cert: this.cert, key: this.key } = this.create('authority', []));
  }

  /**
   * Issues a certificate that is valid for a day.
   * @param name of the files and of the subject
   * @param alternatives such as `DNS:redis.example` or `IP:127.0.0.1`
   */
  issue(name: string, ...alternatives: string[]): IssuedFiles {
    const names = alternatives.length > 0 ? ['-addext', `subjectAltName=${alternatives.join(',')}`] : [];
    return this.create(name, ['-CA', this.cert, '-CAkey', this.key, ...names]);
  }

  private create(name: string, flags: readonly string[]): IssuedFiles {
    const [cert, key] = ['crt', 'key'].map((ending) => join(this.folder, `${name}.${ending}`));
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const files = ['-keyout', key, '-out', cert, '-days', '1', '-subj', `/CN=${name}`];
    execFileSync('openssl', ['req', '-x509', ...curve, ...files, ...flags], { stdio: 'pipe' });
    return { cert, key };
  }
}
