import { Config } from './config.js';
import { configOf, loadConfig } from './load-config.js';

const SECRET = 'x'.repeat(16);

function problems(options: Partial<Config>): string {
  try {
    configOf(Config, options);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

function ofFile(text: string): string {
  try {
    loadConfig(Config, { argv: ['--config', 'f.yaml'], env: {}, readFile: () => text });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('the doors of realms', () => {
  it.each([
    [{ a: { connectorPath: '/x' }, b: { connectorPath: '/x/' } }, 'a and b both have the connectorPath /x'],
    [{ a: { peerjsKeys: ['one', 'two'] }, b: { peerjsKeys: 'two' } }, 'a and b both have a key of peerjsKeys'],
    [
      { a: { easyrtcApplications: 'x' }, b: { easyrtcApplications: ['x'] } },
      'a and b both have the application x of easyrtcApplications',
    ],
    [{ default: {}, b: { connectorPath: '/' } }, 'default and b both have the connectorPath /'],
    [{ b: { peerjsKeys: 'peerjs' }, default: {} }, 'b and default both have a key of peerjsKeys'],
  ])('are not shared: %j', (realms, fault) => {
    expect(problems({ realms })).toBe(`realms (option of the application) must not share a door: ${fault}`);
  });

  it('may be listed twice by one realm', () => {
    expect(problems({ realms: { a: { peerjsKeys: ['k', 'k'] } } })).toBe('');
  });

  it.each([
    [{ connectorRealm: 'a' }, 'connectorPath of a realm instead of connectorRealm'],
    [{ keys: new Map([['k', 'a']]) }, 'peerjsKeys of a realm instead of keys'],
    [{ easyrtcApplications: new Map([['x', 'a']]) }, 'easyrtcApplications of a realm instead of the flat option'],
  ])('are not given by flat options: %j', (flat, fault) => {
    expect(problems({ ...flat, realms: { a: {} } })).toContain(fault);
    expect(problems(flat)).toBe('');
  });
});

describe('members of nested options', () => {
  it.each([
    ['auth: { mode: none, jwt: { jwksURL: x } }', 'auth.jwt.jwksURL (file f.yaml) is not an option'],
    ['realms: { acme: { limit: {} } }', 'realms.acme.limit (file f.yaml) is not an option'],
    [
      'realms: { acme: { limits: { maxClients: -1 } } }',
      'realms.acme.limits.maxClients (file f.yaml) must be an integer',
    ],
    ['realms: { acme: { connectorPath: acme } }', 'realms.acme.connectorPath (file f.yaml) must be a path'],
    ['realms: { acme: { origins: ["acme"] } }', 'realms.acme.origins (file f.yaml) must be origins'],
    ['realms: { acme: { rooms: { create: some } } }', 'realms.acme.rooms.create (file f.yaml) must be one of'],
    ['realms: { "": {} }', 'realms (file f.yaml) must be an object'],
    ['realms: [acme]', 'realms (file f.yaml) must be an object'],
    ['auth: { jwt: { algorithms: none } }', 'auth.jwt.algorithms (file f.yaml) must be one or more of'],
    ['auth: { jwt: { secret: short } }', 'auth.jwt.secret (file f.yaml) must be a text of 16'],
    ['auth: { jwt: { jwksUrl: "https://u:p@id.example" } }', 'auth.jwt.jwksUrl (file f.yaml) must be an http'],
    ['auth: { jwt: { publicKeyFile: /nowhere } }', 'auth.jwt.publicKeyFile (file f.yaml) must be the path'],
    ['auth: { jwt: { secretFile: / } }', 'auth.jwt.secretFile (file f.yaml) must be the path'],
    ['ice: { turn: { ttlS: 59 } }', 'ice.turn.ttlS (file f.yaml) must be an integer from 60'],
    ['ice: { http: { headers: { "a b": x } } }', 'ice.http.headers (file f.yaml) must be an object'],
    ['auth: { __proto__: { x: 1 } }', 'auth.__proto__ (file f.yaml) is not an option'],
  ])('are checked, with their path: %s', (text, problem) => {
    expect(ofFile(text)).toContain(problem);
  });
});

describe('auth', () => {
  const incomplete = 'needs exactly one of jwksUrl, publicKeyFile and secret (or secretFile) in auth.jwt';

  it.each([
    [{ mode: 'jwt' }, incomplete],
    [{ mode: 'jwt', jwt: { issuer: 'x' } }, incomplete],
    [{ mode: 'jwt', jwt: { secret: SECRET, jwksUrl: 'https://id.example' } }, incomplete],
    [{ mode: 'jwt', jwt: { secret: SECRET, algorithms: 'RS256' } }, 'HS* needs a secret'],
    [{ mode: 'jwt', jwt: { jwksUrl: 'https://id.example', algorithms: ['ES256', 'HS256'] } }, 'HS* needs a secret'],
    [{ mode: 'webhook' }, 'needs url in auth.webhook'],
    [{ mode: 'webhook', webhook: { secret: SECRET } }, 'needs url in auth.webhook'],
    [{ mode: 'jwt', jwt: { secret: SECRET } }, ''],
    [{ mode: 'webhook', webhook: { url: 'https://hook.example' } }, ''],
    [{ mode: 'webhook', webhook: { url: 'https://hook.example', secret: SECRET } }, ''],
  ] as const)('must be complete: %j', (auth, fault) => {
    const flat = problems({ auth });
    const ofRealm = problems({ realms: { acme: { auth } } });
    if (fault === '') expect([flat, ofRealm]).toEqual(['', '']);
    else {
      expect(flat).toContain(fault);
      expect(ofRealm).toContain(`cannot be used: acme `);
      expect(flat + ofRealm).not.toContain(SECRET);
    }
  });

  it('of a realm may be completed by the flat option, which alone may be incomplete then', () => {
    expect(problems({ auth: { jwt: { secret: SECRET } }, realms: { acme: { auth: { mode: 'jwt' } } } })).toBe('');
    expect(problems({ auth: { mode: 'jwt' }, realms: { acme: { auth: { jwt: { secret: SECRET } } } } })).toBe('');
    expect(problems({ auth: { mode: 'jwt' }, realms: { acme: {} } })).toContain('acme needs exactly one');
  });
});

it('refuses incomplete TURN and HTTP providers', () => {
  expect(problems({ ice: { turn: { urls: 'turn:t.example' } } })).toContain('needs urls, and secret or secretFile');
  expect(problems({ ice: { http: {} } })).toContain('needs url in ice.http');
  expect(problems({ realms: { acme: { ice: { turn: { secret: 's' } } } } })).toContain('acme needs urls');
});
