import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const SRC = resolve(import.meta.dirname, '../src');

/** The folders that each folder may import from. A new arrow is a design decision. */
const ALLOWED: Record<string, readonly string[]> = {
  common: [],
  config: ['common'],
  cli: ['common', 'config', 'identity', 'realms', 'ice', 'transport'],
  serve: ['access', 'common', 'config', 'logging', 'protocols', 'realms', 'create-app.js', 'listen.js'],
  counters: [],
  logging: ['common', 'config'],
  tracing: ['common'],
  clients: ['common', 'config'],
  blocks: ['common'],
  realms: ['common', 'config'],
  identity: ['common', 'config', 'blocks', 'clients', 'realms', 'logging', 'counters', 'tracing'],
  // Its HTTP endpoints are routes of the transport.
  ice: ['common', 'config', 'blocks', 'clients', 'realms', 'identity', 'transport', 'logging'],
  events: ['common', 'logging'],
  rooms: ['common', 'config', 'clients', 'identity', 'realms', 'events'],
  signaling: ['common', 'config', 'clients', 'identity', 'events', 'rooms', 'transport', 'logging'],
  transport: ['common', 'config', 'blocks', 'realms', 'logging', 'counters', 'tracing'],
  asyncapi: ['common', 'transport'],
  protocols: [
    'asyncapi',
    'common',
    'config',
    'clients',
    'identity',
    'realms',
    'ice',
    'rooms',
    'signaling',
    'transport',
    'logging',
    'tracing',
  ],
  backplane: [
    'common',
    'config',
    'blocks',
    'clients',
    'events',
    'rooms',
    'signaling',
    'counters',
    'logging',
    'tracing',
  ],
  nodes: ['common', 'config', 'clients', 'transport', 'counters', 'logging'],
  access: ['common', 'config'],
  history: ['access', 'common', 'clients', 'counters', 'nodes', 'rooms'],
  webhooks: ['common', 'config', 'counters', 'events', 'identity', 'logging', 'tracing'],
  console: ['common', 'config', 'transport'],
  admin: [
    'access',
    'common',
    'config',
    'blocks',
    'clients',
    'console',
    'events',
    'webhooks',
    'history',
    'realms',
    'rooms',
    'signaling',
    'nodes',
    'transport',
    'logging',
    'tracing',
  ],
  monitoring: [
    'access',
    'common',
    'config',
    'clients',
    'rooms',
    'signaling',
    'transport',
    'counters',
    'logging',
    'nodes',
    'realms',
  ],
  demo: ['common', 'config', 'realms', 'transport'],
  testing: [
    'common',
    'config',
    'clients',
    'events',
    'rooms',
    'signaling',
    'create-app.js',
    'listen.js',
    'signalbox-options.js',
  ],
  // An application of its own, like those of the package's users.
  peer: [
    'common',
    'config',
    'clients',
    'logging',
    'protocols',
    'transport',
    'app-setup.js',
    'extensions.module.js',
    'signalbox.module.js',
  ],
};

/** The entries of the package besides `index.ts`. They may re-export from every folder. */
const ENTRIES = 'entries';

interface Import {
  readonly file: string;
  readonly target: string;
  readonly isOurs: boolean;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
  .map((file) => join(SRC, file));

function importsOf(file: string): Import[] {
  return [...readFileSync(file, 'utf8').matchAll(/from '([^']+)'/g)].map(([, target]) => {
    const isOurs = target.startsWith('.');
    return { file: relative(SRC, file), target: isOurs ? relative(SRC, join(dirname(file), target)) : target, isOurs };
  });
}

const folderOf = (path: string): string => path.split('/')[0];
const imports = files.flatMap(importsOf);
const within = imports.filter(({ isOurs }) => isOurs);

describe('architecture', () => {
  it('covers every folder of src', () => {
    const folders = new Set(
      files
        .map((file) => relative(SRC, file))
        .filter((file) => file.includes('/'))
        .map(folderOf),
    );
    expect([...folders].sort()).toEqual([...Object.keys(ALLOWED), ENTRIES].sort());
    expect(within.length).toBeGreaterThan(100);
  });

  it.each(Object.entries(ALLOWED))('%s imports only from %j', (folder, allowed) => {
    const forbidden = within.filter(
      ({ file, target }) => folderOf(file) === folder && ![folder, ...allowed].includes(folderOf(target)),
    );
    expect(forbidden).toEqual([]);
  });

  it.each(Object.entries(ALLOWED))('needs every arrow from %s to %j', (folder, allowed) => {
    const used = new Set(within.filter(({ file }) => folderOf(file) === folder).map(({ target }) => folderOf(target)));
    expect(allowed.filter((target) => !used.has(target))).toEqual([]);
  });

  it.each(['index.ts', ...readdirSync(join(SRC, ENTRIES)).map((name) => join(ENTRIES, name))])(
    'lets the entry %s only re-export',
    (entry) => {
      const text = readFileSync(join(SRC, entry), 'utf8').replace(/^\/\/.*|\/\*[^]*?\*\//gm, '');
      const statements = text.split(';').map((statement) => statement.trim());
      const others = statements.filter(
        (statement) => !/^(export [^]* from '[^']+'|import 'reflect-metadata'|export \{\}|)$/.test(statement),
      );
      expect(others).toEqual([]);
    },
  );

  it('imports no entry from within', () => {
    const entries = within.filter(({ target }) => folderOf(target) === ENTRIES || target === 'index.js');
    expect(entries).toEqual([]);
  });

  it('lets only the application import the implementations of the ports', () => {
    const users = within.filter(({ target }) => folderOf(target) === 'backplane').map(({ file }) => file);
    expect(users.filter((file) => folderOf(file) !== 'backplane')).toEqual(['signalbox.module.ts']);
  });

  it('lets only virtual clients of signaling import the transport', () => {
    const users = within.filter(
      ({ file, target }) => folderOf(file) === 'signaling' && folderOf(target) === 'transport',
    );
    const others = users.map(({ file }) => file).filter((file) => !file.startsWith('signaling/virtual/'));
    expect([...new Set(others)]).toEqual(['signaling/signaling.module.ts']);
  });

  it('lets no protocol import another protocol', () => {
    /** Returns undefined for files that all protocols share. */
    const protocolOf = (path: string): string | undefined => /^protocols\/(.+?)\//.exec(path)?.[1];
    const forbidden = within.filter(({ file, target }) => {
      const [from, to] = [protocolOf(file), protocolOf(target)];
      return folderOf(file) === 'protocols' && to !== undefined && from !== to;
    });
    expect(forbidden).toEqual([]);
  });

  it('lets RoomsHere alone change the rooms of a client', () => {
    const writers = files.filter((file) =>
      /memberships\.(add|delete|startLeaving|endLeaving|moveTo|clear)\(/.test(readFileSync(file, 'utf8')),
    );
    expect(writers.map((file) => relative(SRC, file))).toEqual(['rooms/rooms-here.ts']);
  });

  it.each([
    ['ioredis', /^backplane\/redis\//],
    ['ws', /^(transport|testing|peer)\//],
    ['@nestjs/platform-ws', /^transport\//],
    ['@nestjs/platform-express', /^(transport\/|testing\/|peer\/|create-app\.ts)/],
    // Optional packages: `signalbox` loads without them.
    ['@nestjs/swagger', /^(admin\/|openapi\.ts)/],
    ['@nestjs/terminus', /^monitoring\//],
    ['@opentelemetry/api', /^tracing\/tracing\.ts$/],
    ['prom-client', /^monitoring\//],
    ['jose', /^identity\/jwt\//],
    // Its entry loads much that the server does not need.
    ['class-validator', /^(common\/class-validator|transport\/endpoint\/compile-dto|admin\/.*)\.ts$/],
    ['yaml', /^(config|cli)\//],
    ['yargs-parser', /^config\//],
  ])('imports %s only where it belongs', (library, place) => {
    const users = imports.filter(({ target }) => target === library || target.startsWith(`${library}/`));
    expect(users.map(({ file }) => file).filter((file) => !place.test(file))).toEqual([]);
    expect(users.length).toBeGreaterThan(0);
  });
});
