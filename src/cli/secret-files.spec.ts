import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Config } from '../config/config.js';
import { configOf, loadConfig } from '../config/load-config.js';
import { type OptionInfo, optionsOf } from '../config/option.js';
import { runCli } from './cli.js';

const SECRET = 's3cretOfAtLeast16Letters';
const [FIRST, SECOND] = [`ops:operate:${SECRET}`, `eve:read:${SECRET}-2:acme,other`];

/** Secret options: the text of a file, and the value that it stands for. */
const FLAT: Readonly<Record<string, readonly [text: string, value: unknown]>> = {
  key: [`${SECRET}\n`, SECRET],
  keys: [`${SECRET}=acme\r\npeerjs=default\r\n`, new Map([[SECRET, 'acme'], ['peerjs', 'default']])], // prettier-ignore
  redis: [`redis://:${SECRET}@r.example\n\n`, `redis://:${SECRET}@r.example`],
  adminTokens: [`${FIRST}\n\n${SECOND}\n`, [FIRST, SECOND]],
};

let folder: string;

beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'signalbox-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string, name = 'secret'): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function load(argv: readonly string[], env: NodeJS.ProcessEnv = {}): Config {
  return loadConfig(Config, { argv, env, readFile: () => '' }).config;
}

function run(argv: readonly string[]): { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' };
  runCli({
    argv,
    env: {},
    stdout: { write: (text) => (output.stdout += text) },
    stderr: { write: (text) => (output.stderr += text) },
  });
  return output;
}

const isWhollySecret = ({ secret, secretMembers }: OptionInfo): boolean => secret && secretMembers === undefined;

it('every secret option has one that names a file', () => {
  const options = optionsOf(Config);
  const secret = options.filter(isWhollySecret).map(({ name }) => name);
  expect(secret.sort()).toEqual(Object.keys(FLAT).sort());
  const files = options.filter(({ fills }) => fills !== undefined);
  expect(files.map(({ name, fills }) => [name, fills]).sort()).toEqual(secret.map((name) => [`${name}File`, name]));
});

describe.each(Object.entries(FLAT))('the option %s', (name, [text, value]) => {
  const [option, flag] = [`${name}File`, flagOf(`${name}File`)];
  const variable = `SIGNALBOX_${flag.slice(2).replaceAll('-', '_').toUpperCase()}`;
  const wanted = { [name]: value };

  it('comes from a file that a flag, a variable or an application names, without the line break at its end', () => {
    const path = file(text);
    const readFile = (): string => text;
    expect(loadConfig(Config, { argv: [flag, path], env: {}, readFile }).config).toMatchObject(wanted);
    expect(loadConfig(Config, { argv: [], env: { [variable]: path }, readFile }).config).toMatchObject(wanted);
    const config = configOf(Config, { [option]: path });
    expect(config).toMatchObject(wanted);
    // A program may pass a loaded configuration on.
    expect(configOf(Config, { ...config })).toMatchObject(wanted);
  });

  it('is printed as its mask, with the file as its source', () => {
    const path = file(text);
    const { stdout, stderr } = run([flag, path, '--print-config']);
    expect(stderr).toBe('');
    expect(stdout).toContain(`${name}: "********" # file ${path}\n`);
    expect(stdout).toContain(`${option}: ""\n`);
    expect(stdout).not.toContain(SECRET);
  });

  it('is rejected without its text, in one line with the file', () => {
    const path = file(`${SECRET} /\n=\n`);
    const { stderr } = run([flag, path]);
    expect(stderr).toMatch(new RegExp(`^signalbox: ${name} \\(file ${path}\\) must be .*\n$`));
    expect(stderr).not.toContain(SECRET);
  });

  it('is rejected with a file that cannot be read', () => {
    const { stderr } = run([flag, join(folder, 'nothing')]);
    expect(stderr).toMatch(new RegExp(`^signalbox: ${option} \\(flag ${flag}\\) must be the path of a file that can be read, got`)); // prettier-ignore
  });
});

it('a file and a value from one source are rejected, and from two sources the later one wins', () => {
  const path = file(SECRET);
  const { stderr } = run(['--key', 'other', '--key-file', path]);
  expect(stderr).toBe('signalbox: keyFile (flag --key-file) must not be given together with key\n');
  const readFile = (): string => SECRET;
  const config = (argv: string[], env: NodeJS.ProcessEnv) => loadConfig(Config, { argv, env, readFile }).config;
  expect(config(['--key-file', path], { SIGNALBOX_KEY: 'other' }).key).toBe(SECRET);
  expect(config(['--key', 'other'], { SIGNALBOX_KEY_FILE: path }).key).toBe('other');
});

describe('secret members of objects come from files:', () => {
  const keys = (): string => file(`${SECRET}\nsecond\n`, 'keys');
  const url = (): string => file(`https://turn.example/${SECRET}\n`, 'url');
  const headers = (): string => file(`{"authorization":"Bearer ${SECRET}"}\n`, 'headers');
  const body = (): string => file(`{"ttl":60,"key":"${SECRET}"}\n`, 'body');
  const credential = (): string => file(`${SECRET}\n`, 'credential');

  it('the keys of a realm', () => {
    const { realms } = configOf(Config, { realms: { acme: { peerjsKeysFile: keys() } } });
    expect(realms).toEqual({ acme: { peerjsKeys: [SECRET, 'second'] } });
  });

  it('address, headers and body of the API of a TURN service', () => {
    const { ice } = configOf(Config, { ice: { http: { urlFile: url(), headersFile: headers(), bodyFile: body() } } });
    expect(ice).toEqual({
      http: {
        url: `https://turn.example/${SECRET}`,
        headers: { authorization: `Bearer ${SECRET}` },
        body: { ttl: 60, key: SECRET },
      },
    });
  });

  it('the credential of an ICE server', () => {
    const server = { urls: 'turn:t.example', username: 'ann', credentialFile: credential() };
    const wanted = [{ urls: 'turn:t.example', username: 'ann', credential: SECRET }];
    const options: Partial<Config> = { iceServers: [server], ice: { servers: [server] } };
    expect(configOf(Config, options)).toMatchObject({ iceServers: wanted, ice: { servers: wanted } });
    expect(load(['--ice-servers', JSON.stringify([server])]).iceServers).toEqual(wanted);
    expect(load(['--ice', JSON.stringify({ servers: [server] })]).ice).toEqual({ servers: wanted });
    expect(run(['--ice-servers', JSON.stringify([server]), '--print-config']).stdout).not.toContain(SECRET);
  });

  it.each([
    [{ urlFile: 7 }, 'ice.http.urlFile (flag --ice) must be the path of a file that can be read'],
    [{ urlFile: '/nothing' }, 'ice.http.urlFile (flag --ice) must be the path of a file that can be read'],
    [{ url: 'https://a.example', urlFile: '/etc/hosts' }, 'ice.http.urlFile (flag --ice) must not be given together with url'], // prettier-ignore
    [{ urlFile: '/etc/hosts' }, 'ice.http.url (flag --ice) must be an http or https URL without user and password'],
  ])('and %j is rejected', (http, problem) => {
    expect(run(['--ice', JSON.stringify({ http })]).stderr).toBe(`signalbox: ${problem}\n`);
  });

  it.each(['/nothing', 7])('and an ICE server with the file %j is rejected', (credentialFile) => {
    const servers = JSON.stringify([{ urls: 'turn:t.example', username: 'ann', credentialFile }]);
    expect(run(['--ice-servers', servers]).stderr).toMatch(/^signalbox: iceServers .*credentialFile\)\n$/);
  });
});
