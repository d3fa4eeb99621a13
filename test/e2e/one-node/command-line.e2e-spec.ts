import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../support/ports.js';
import { ProcessServer } from '../../support/process-server.js';

const MAIN = join(import.meta.dirname, '../../../dist/main.js');

/** Makes the process write the URL of every module it loads to standard error. */
const LOADER = `import { writeSync } from 'node:fs';
export async function load(url, context, next) { writeSync(2, url + '\\n'); return next(url, context); }`;
const REGISTER = `import { register } from 'node:module'; register(${JSON.stringify(dataUrl(LOADER))});`;

const folder = mkdtempSync(join(tmpdir(), 'signalbox-start-'));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Outcome {
  readonly code: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

function run(flags: readonly string[], nodeFlags: readonly string[] = []): Promise<Outcome> {
  const args = [...nodeFlags, MAIN, '--log-format', 'json', ...flags];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env: { PATH: process.env.PATH } }, (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stdout, stderr }),
    );
  });
}

function dataUrl(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

/** Writes a file and returns its path. */
function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe.each(['--version', '--help', '--print-config', '--bad'])('%s', (flag) => {
  it('loads neither the framework nor the server', async () => {
    const { stderr } = await run([flag], ['--import', dataUrl(REGISTER)]);
    const urls = stderr.split('\n').filter((line) => line.startsWith('file:'));
    expect(urls.some((url) => url.endsWith('/dist/cli/cli.js'))).toBe(true);
    expect(urls.filter((url) => /\/@nestjs\/|\/(ioredis|express|ws)\/|\/dist\/serve\.js/.test(url))).toEqual([]);
  });
});

describe('--check-config', () => {
  it('says that a file is good, and exits without listening', async () => {
    const config = file('good.yaml', 'port: 0\n');
    expect(await run(['--config', config, '--check-config'])).toEqual({
      code: 0,
      stdout: 'The configuration is good.\n',
      stderr: '',
    });
  });

  it('says what is wrong with a file, and exits with 2', async () => {
    const config = file(
      'bad.yaml',
      `adminTokens: [short]\nauth: { mode: jwt, jwt: { secretFile: ${file('short', 'x')} } }`,
    );
    const { code, stdout, stderr } = await run(['--config', config, '--check-config']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^signalbox: adminTokens \(file .*bad\.yaml\) must be [^\n]+\n$/);
  });
});

describe('a server that cannot listen', () => {
  it('reports it once, for a port in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, stdout, stderr } = await run(['--host', '127.0.0.1', '--port', String(port)]);
    other.close();
    expect(stderr).toBe(
      `signalbox: cannot listen on 127.0.0.1 port ${port}: another program uses this port (choose another one with --port)\n`,
    );
    // Not even the generated admin token.
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });

  it('reports it once, for an address of another machine', async () => {
    const { code, stdout, stderr } = await run(['--host', '203.0.113.7', '--port', '0']);
    expect(stderr).toBe(
      'signalbox: cannot listen on 203.0.113.7 port 0: this machine does not have this address (choose another one with --host)\n',
    );
    expect(stdout).not.toContain('EADDRNOTAVAIL');
    expect(code).toBe(1);
  });

  it('names the port in use, also for the metrics port', async () => {
    const port = String(await freePort());
    const { code, stderr } = await run(['--host', '127.0.0.1', '--port', port, '--metrics-port', port]);
    expect(stderr).toMatch(new RegExp(`^signalbox: cannot listen on 127.0.0.1 port ${port}: another program.*\n$`));
    expect(code).toBe(1);
  });
});

describe('two protocols on one path', () => {
  it.each([
    ['--connector-path', '/peerjs', '/peerjs'],
    ['--connector-path', '/socket.io', '/socket.io'],
    ['--socket-io-path', '/peerjs', '/peerjs'],
  ])('are rejected in one line: %s %s', async (flag, value, path) => {
    const { code, stdout, stderr } = await run(['--host', '127.0.0.1', '--port', '0', flag, value]);
    expect(stderr).toBe(
      `signalbox: two protocols are configured for the path ${path}: connectorPath, path (PeerJS) and socketIoPath must differ\n`,
    );
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});

describe('a file without a key', () => {
  it('is reported in one line, without lines of Nest', async () => {
    const file = join(folder, 'no-key.pem');
    writeFileSync(file, 'no key');
    const auth = JSON.stringify({ mode: 'jwt', jwt: { publicKeyFile: file } });
    const { code, stdout, stderr } = await run(['--host', '127.0.0.1', '--port', '0', '--auth', auth]);
    expect(stderr).toBe(`signalbox: auth.jwt.publicKeyFile (${file}) must hold a public key as PEM or JWK\n`);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});

describe('TLS files', () => {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const [otherKey, encrypted, traditional] = ['other.pem', 'encrypted.pem', 'traditional.pem'].map((name) =>
    join(folder, name),
  );
  const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { stdio: 'pipe' });

  beforeAll(() => {
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      '-days',
      '1',
      '-subj',
      '/CN=a',
    );
    openssl('ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', otherKey);
    openssl('pkey', '-in', key, '-aes256', '-passout', 'pass:secret', '-out', encrypted);
    openssl('rsa', '-in', key, '-aes256', '-passout', 'pass:secret', '-out', traditional, '-traditional');
    file('empty.pem', '');
    file('words.pem', 'no key and no certificate\n');
  });

  it.each([
    ['a text file as the key', () => ['words.pem', cert], /^sslkey \(.*words\.pem\) is not a private key in PEM: .+/],
    ['an empty key', () => ['empty.pem', cert], /^sslkey \(.*empty\.pem\) is not a private key in PEM: .+/],
    ['a certificate as the key', () => [cert, cert], /^sslkey \(.*cert\.pem\) is not a private key in PEM: .+/],
    [
      'a text file as the certificate',
      () => [key, 'words.pem'],
      /^sslcert \(.*words\.pem\) is not a certificate in PEM: .+/,
    ],
    ['a key as the certificate', () => [key, key], /^sslcert \(.*key\.pem\) is not a certificate in PEM: .+/],
    [
      'the key of another certificate',
      () => [otherKey, cert],
      /^sslkey \(.*other\.pem\) is not the private key of .*cert\.pem\)$/,
    ],
    ['an encrypted key', () => [encrypted, cert], /^sslkey \(.*encrypted\.pem\) .*: it is encrypted; .+/],
    [
      'an encrypted key in the traditional format',
      () => [traditional, cert],
      /^sslkey \(.*traditional\.pem\) .*: it is encrypted; .+/,
    ],
    [
      'a key that does not exist',
      () => ['nothing.pem', cert],
      /^sslkey \(flag --sslkey\) .*can be read, got '.*nothing\.pem'/,
    ],
    ['a folder', () => [key, folder], /^sslcert \(flag --sslcert\) .*can be read, got '.*'/],
  ])('are rejected in one line: %s', async (_, files, line) => {
    const [sslkey, sslcert] = files().map((name) => (name.startsWith('/') ? name : join(folder, name)));
    const { code, stdout, stderr } = await run(['--port', '0', '--sslkey', sslkey, '--sslcert', sslcert]);
    const [first, ...rest] = stderr.split('\n');
    expect(first.replace(/^signalbox: /, '')).toMatch(line);
    expect(rest).toEqual(['']);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it('make the logged URLs https', async () => {
    const server = await ProcessServer.start(['--sslkey', key, '--sslcert', cert]);
    const { urls } = await server.line('listening');
    await server.stop();
    expect(urls).toEqual([`https://127.0.0.1:${server.port}/demo`]);
  });
});
