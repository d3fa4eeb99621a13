import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { runCli } from './cli.js';

const SECRET = 's3cretOfAtLeast16Letters';
const TURN = { urls: 'turn:t.example', username: 'ann', credential: SECRET };

/** Options with secrets: a valid value, and the flag with an invalid value that contains the secret. */
const SECRETS: Readonly<Record<string, readonly [value: unknown, flag: string, invalid: string]>> = {
  key: [SECRET, 'key', `${SECRET}/`],
  keys: [{ [SECRET]: 'acme' }, 'keys', `${SECRET}=`],
  iceServers: [[{ urls: 'stun:s.example' }, TURN], 'ice-servers', `[{"credential":"${SECRET}"}]`],
  redis: [`redis://:${SECRET}@r.example`, 'redis', `redis//:${SECRET}@r.example`],
  auth: [
    {
      jwt: { secret: [SECRET, `${SECRET}2`] },
      webhook: { url: `https://app.example/${SECRET}`, secret: `${SECRET}3` },
    },
    'auth',
    `{"jwt":{"secret":["${SECRET}",7]}}`,
  ],
  ice: [{ turn: { urls: 'turn:t.example', secret: SECRET } }, 'ice', `{"turn":{"secret":["${SECRET}",7]}}`],
  webhooks: [
    [{ url: `https://app.example/hooks?key=${SECRET}`, secret: [SECRET, `${SECRET}2`], batch: 7 }],
    'webhooks',
    `[{"url":"https://app.example","secret":["${SECRET}",7]}]`,
  ],
  adminTokens: [[`ops:operate:${SECRET}`], 'admin-tokens', `ops:all:${SECRET}`],
};

describe('secrets in the configuration', () => {
  let folder: string;

  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'signalbox-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  function run(argv: readonly string[], env: NodeJS.ProcessEnv = {}): { stdout: string; stderr: string } {
    const output = { stdout: '', stderr: '' };
    runCli({
      argv,
      env,
      stdout: { write: (text) => (output.stdout += text) },
      stderr: { write: (text) => (output.stderr += text) },
    });
    return output;
  }

  function file(config: object): string {
    const path = join(folder, 'config.json');
    writeFileSync(path, JSON.stringify(config));
    return path;
  }

  function printed(config: object): string {
    const { stdout, stderr } = run(['--config', file(config), '--print-config']);
    expect(stderr).toBe('');
    return stdout;
  }

  it.each(Object.entries(SECRETS))('are not printed: %s', (name, [value]) => {
    const text = printed({ [name]: value });
    expect(text).not.toContain(SECRET);
    expect(text).toContain('********');
  });

  it('leave the rest of an ICE server to be seen', () => {
    expect(parse(printed({ iceServers: SECRETS.iceServers?.[0] }))).toMatchObject({
      iceServers: [{ urls: 'stun:s.example' }, { ...TURN, credential: '********' }],
    });
  });

  it('leave the rest of a webhook to be seen', () => {
    const text = printed({ webhooks: SECRETS.webhooks?.[0] });
    expect(parse(text)).toMatchObject({ webhooks: [{ url: '********', secret: '********', batch: 7 }] });
  });

  it('of realms are not printed, and the rest is', () => {
    const acme = {
      peerjsKeys: [SECRET],
      auth: {
        mode: 'webhook',
        jwt: { secret: [SECRET, `${SECRET}2`], issuer: 'https://id.example' },
        webhook: { url: `https://app.example/${SECRET}`, secret: SECRET, cacheS: 5 },
      },
      ice: {
        servers: [TURN],
        turn: { urls: 'turn:t.example', secret: [SECRET], ttlS: 600 },
        http: { url: `https://turn.example/${SECRET}`, headers: { authorization: SECRET }, body: SECRET },
      },
    };
    const text = printed({ realms: { acme } });
    expect(text).not.toContain(SECRET);
    expect(parse(text)).toMatchObject({
      realms: {
        acme: {
          peerjsKeys: '********',
          auth: {
            mode: 'webhook',
            jwt: { secret: '********', issuer: ['https://id.example'] },
            webhook: { url: '********', secret: '********', cacheS: 5 },
          },
          ice: {
            servers: [{ ...TURN, credential: '********' }],
            turn: { urls: ['turn:t.example'], secret: '********', ttlS: 600 },
            http: { url: '********', headers: '********', body: '********' },
          },
        },
      },
    });
  });

  it('of realms are not their masks', () => {
    const path = join(folder, 'masked.yaml');
    writeFileSync(path, printed({ realms: { acme: { auth: { jwt: { secret: SECRET } } } } }));
    const fault = `realms (file ${path}) must be the secret itself, not its mask`;
    expect(run(['--config', path]).stderr).toContain(fault);
  });

  it('are printed with where their options come from', () => {
    const path = file({ auth: { jwt: { secret: SECRET } }, realms: { acme: {} }, rooms: { create: 'nobody' } });
    const { stdout } = run(['--config', path, '--rooms', '{"create":"permitted"}', '--print-config'], {
      SIGNALBOX_ICE: JSON.stringify({ turn: { urls: 'turn:t.example', secret: SECRET } }),
    });
    const originOf = (name: string) => new RegExp(`^${name}: .*# (.*)$`, 'm').exec(stdout)?.[1];
    expect(originOf('auth')).toBe(`file ${path}`);
    expect(originOf('realms')).toBe(`file ${path}`);
    expect(originOf('ice')).toBe('environment variable SIGNALBOX_ICE');
    expect(originOf('rooms')).toBe('flag --rooms');
    expect(stdout).not.toContain(SECRET);
  });

  it('are not what a default is', () => {
    expect(parse(printed({}))).toMatchObject({ key: 'peerjs', keys: {}, redis: '', adminTokens: [] });
  });

  it.each(Object.entries(SECRETS))('are not told when they are invalid: %s', (name, [value, flag, invalid]) => {
    const variable = `SIGNALBOX_${flag.replaceAll('-', '_').toUpperCase()}`;
    for (const { stdout, stderr } of [
      run([`--${flag}`, invalid]),
      run([`--${flag}=${invalid}`, `--${flag}=${invalid}`]),
      run([], { [variable]: invalid }),
      run(['--config', file({ [name]: [value, 7] })]),
    ]) {
      expect(stderr).toMatch(new RegExp(`signalbox: ${name}[ .[]`));
      expect(stderr + stdout).not.toContain(SECRET);
    }
  });

  it.each(Object.keys(SECRETS))('are not their masks: %s', (name) => {
    const file = join(folder, 'masked.yaml');
    writeFileSync(file, printed({ [name]: SECRETS[name]?.[0] }));
    expect(run(['--config', file]).stderr).toContain(`${name} (file ${file}) must be the secret itself, not its mask`);
  });
});
