import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTokenCommand } from './token-commands.js';

const SECRET = 'a secret of enough characters';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tokens-'));
});

afterAll(() => rmSync(directory, { recursive: true }));

const file = (name: string, text: string): string => {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
};

async function run(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' };
  const code = await runTokenCommand({
    argv,
    env: {},
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
  });
  return { code, ...written };
}

const withSecret = (): string =>
  file('jwt.yaml', `auth: { mode: jwt, jwt: { secretFile: ${file('secret', `${SECRET}\n`)} } }`);
const gen = async (...argv: string[]): Promise<string> => {
  const { stdout } = await run('gen-token', '--secret-file', file('secret', `${SECRET}\n`), ...argv);
  return stdout.trim();
};
const payloadOf = (token: string): unknown =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

describe('gen-token', () => {
  it('prints a token with all claims', async () => {
    const token = await gen(
      ...['--sub', 'alice', '--ttl', '15m', '--issuer', 'i', '--audience', 'a', '--realm', 'acme', '--id', 'x'],
      ...['--id-prefix', 'x', '--name', 'Alice', '--group', 'g1', '--group', 'g2', '--rooms-join', 'team-*'],
      ...['--rooms-create', 'team-1', '--signal', 'rooms', '--attributes', '{"plan":"pro"}'],
    );
    const { iat, exp, ...claims } = payloadOf(token) as { iat: number; exp: number };
    expect(exp - iat).toBe(900);
    expect(claims).toEqual({
      sub: 'alice',
      iss: 'i',
      aud: 'a',
      signalbox: {
        realm: 'acme',
        id: 'x',
        idPrefix: 'x',
        name: 'Alice',
        groups: ['g1', 'g2'],
        rooms: { join: ['team-*'], create: ['team-1'] },
        signal: 'rooms',
        attributes: { plan: 'pro' },
      },
    });
  });

  it.each(['rsa', 'ec', 'ed25519'] as const)(
    'signs with a private key (%s), for a server with the public one',
    async (type) => {
      const options = { modulusLength: 2048, namedCurve: 'P-256' };
      const { privateKey, publicKey } = generateKeyPairSync(type as 'rsa', options);
      const pem = file(`${type}.pem`, privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
      const jwk = file(`${type}.json`, JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: 'k' }));
      const publicKeyFile = file(`${type}.pub`, publicKey.export({ type: 'spki', format: 'pem' }) as string);
      const config = file('key.yaml', `auth: { mode: jwt, jwt: { publicKeyFile: ${publicKeyFile} } }`);
      for (const path of [pem, jwk]) {
        const { stdout } = await run('gen-token', '--private-key', path, '--sub', 'alice');
        expect(await run('check-token', stdout.trim(), '--config', config)).toMatchObject({ code: 0, stderr: '' });
      }
    },
  );

  it.each<[string, string[]]>([
    ['give either --secret-file or --private-key', []],
    ['give either --secret-file or --private-key', ['--secret-file', 'a', '--private-key', 'b']],
    ['--ttl must be a time such as 90s, 15m, 1h or 7d', ['--ttl', '1 hour']],
    ['--attributes must be a JSON object', ['--attributes', '{']],
    ['a value is not valid', ['--signal', 'all']],
    ['a value is not valid', ['--attributes', '[]']],
    ["Unknown option '--subject'", ['--subject', 'x']],
    ['ENOENT', ['--secret-file', '/nowhere']],
  ])('says "%s" for %j', async (message, argv) => {
    const { code, stdout, stderr } = await run('gen-token', ...argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('refuses a file without a key, without quoting it', async () => {
    const { code, stderr } = await run('gen-token', '--private-key', file('notes', 'the password is swordfish'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/must hold a private key as PEM or JWK/);
    expect(stderr).not.toContain('swordfish');
  });

  it.each(['gen-token', 'check-token'])('%s prints its usage', async (command) => {
    expect(await run(command, '--help')).toMatchObject({ code: 0, stdout: expect.stringContaining(`signalbox ${command}`) as string }); // prettier-ignore
  });
});

describe('check-token', () => {
  it('says what a token allows', async () => {
    const token = await gen('--sub', 'alice', '--rooms-join', 'team-*', '--signal', 'none', '--id-prefix', 'a-');
    const { code, stdout, stderr } = await run('check-token', token, '--config', withSecret());
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^The token is accepted in the realm default\.\n {2}user {11}alice\n {2}expires {8}\d{4}-.*Z\n {2}id {13}any that begins with a-\n/,
    );
    expect(stdout).toContain('may join       the rooms team-*\n');
    expect(stdout).toContain('may create     the rooms team-* (rooms.create of the realm is anyone)\n');
    expect(stdout).toContain('may signal to  nobody\n');
  });

  it.each<[string, () => Promise<string> | string]>([
    ['signature', async () => `${(await gen()).slice(0, -8)}AAAAAAAA`],
    ['malformed', () => 'nonsense'],
    ['realm', () => gen('--realm', 'acme')],
  ])('says why a token is refused: %s', async (reason, token) => {
    expect(await run('check-token', await token(), '--config', withSecret())).toEqual({
      code: 1,
      stdout: '',
      stderr: `signalbox: the token is refused: ${reason}\n`,
    });
  });

  it('says that tokens are not checked', async () => {
    const config = file('none.yaml', 'port: 1');
    expect((await run('check-token', 'x', '--config', config)).stdout).toContain('checks no tokens');
  });

  it('says that the key server does not answer', async () => {
    const config = file('away.yaml', 'auth: { mode: jwt, jwt: { jwksUrl: "http://127.0.0.1:1/" } }');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = file('away.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
    const { stdout } = await run('gen-token', '--private-key', pem);
    const { code, stderr } = await run('check-token', stdout.trim(), '--config', config);
    expect(code).toBe(1);
    expect(stderr).toContain('the token cannot be checked');
  });

  it('reports a wrong configuration', async () => {
    const { code, stderr } = await run('check-token', 'x', '--config', file('bad.yaml', 'auth: { mode: magic }'));
    expect(code).toBe(2);
    expect(stderr).toContain('auth.mode');
  });

  it.each([[], ['a', 'b']])('needs one token (%#)', async (...tokens) => {
    expect(await run('check-token', ...tokens)).toMatchObject({ code: 2, stdout: '' });
  });
});
