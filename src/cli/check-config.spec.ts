import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkConfig } from './check-config.js';
import { runCli } from './cli.js';

const folder = mkdtempSync(join(tmpdir(), 'check-config-'));
const key = join(folder, 'key.pem');
const cert = join(folder, 'cert.pem');
const otherKey = join(folder, 'other.pem');

beforeAll(() => {
  const pair = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-subj',
    '/CN=a',
  ];
  execFileSync('openssl', [...pair, '-keyout', key, '-out', cert], { stdio: 'pipe' });
  execFileSync('openssl', ['ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', otherKey]);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, content: string | object): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

/** Runs `signalbox --check-config` with a configuration file. */
async function check(content: string | object): Promise<{ code: number; stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' };
  const context = {
    argv: ['--config', file('signalbox.yaml', content), '--check-config'],
    env: {},
    stdout: { write: (text: string) => (written.stdout += text) },
    stderr: { write: (text: string) => (written.stderr += text) },
  };
  const outcome = runCli(context);
  const code =
    'check' in outcome ? await checkConfig(outcome.check, context) : 'exitCode' in outcome && outcome.exitCode;
  return { code: Number(code), ...written };
}

describe('--check-config', () => {
  it('accepts a good file', async () => {
    const publicKeyFile = file('public.pem', execFileSync('openssl', ['pkey', '-in', key, '-pubout']).toString());
    const auth = { mode: 'jwt', jwt: { publicKeyFile } };
    const turn = { urls: 'turn:turn.example', secretFile: file('turn', 'a-secret-of-turn') };
    const content = { sslkey: key, sslcert: cert, auth, ice: { turn } };
    expect(await check(content)).toEqual({ code: 0, stdout: 'The configuration is good.\n', stderr: '' });
  });

  it('accepts keys at a URL without fetching them', async () => {
    const auth = { mode: 'jwt', jwt: { jwksUrl: 'http://127.0.0.1:1/keys' } };
    expect(await check({ auth })).toMatchObject({ code: 0, stderr: '' });
  });

  it.each<[string, string | object, RegExp]>([
    ['a file that does not parse', 'port: [', /^signalbox: file .*signalbox\.yaml is not valid YAML or JSON: .+\n$/],
    ['an unknown option', { prot: 1 }, /^signalbox: prot \(file .*\) is not an option, did you mean port\?\n$/],
    [
      'a key that does not fit its certificate',
      { sslkey: otherKey, sslcert: cert },
      /^signalbox: sslkey \(.*other\.pem\) is not the private key of the certificate .*\n$/,
    ],
    [
      'a file without a public key',
      { auth: { mode: 'jwt', jwt: { publicKeyFile: file('words', 'no key') } } },
      /^signalbox: auth\.jwt\.publicKeyFile \(.*words\) must hold a public key as PEM or JWK\n$/,
    ],
    [
      'a file with a short secret, once for all realms',
      { auth: { mode: 'jwt', jwt: { secretFile: file('short', 'short') } }, realms: { a: {}, b: {} } },
      /^signalbox: secretFile \(.*short\) must hold a secret of 16 characters or more\n$/,
    ],
    [
      'an empty file for the secret of TURN',
      { ice: { turn: { urls: 'turn:turn.example', secretFile: file('empty', '') } } },
      /^signalbox: the secretFile of turn is empty\n$/,
    ],
  ])('reports %s', async (_, content, stderr) => {
    const outcome = await check(content);
    expect(outcome.stderr).toMatch(stderr);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
  });
});
