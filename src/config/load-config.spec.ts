import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Config } from './config.js';
import { ConfigError, loadConfig, type LoadedConfig } from './load-config.js';
import { Option, type OptionsClass } from './option.js';
import { Flag, Text, TextList } from './rules.js';

/** Adds the kinds of options that Config does not have. */
class WideConfig extends Config {
  @Option('Show ids.', { section: 'More' })
  @Flag()
  readonly showIds: boolean = false;

  @Option('Behind a proxy.')
  @Flag()
  readonly behind: boolean = true;

  @Option('Origins.')
  @TextList({ maxItems: 3, maxLength: 20 })
  readonly origins: readonly string[] = ['*'];

  @Option('Token.', { secret: true, aliases: ['adminkey'] })
  @Text({ maxLength: 16, matches: /^\w*$|^\*+$/, allowed: 'letters' })
  readonly adminToken: string = '';
}

interface Given {
  file?: string;
  env?: NodeJS.ProcessEnv;
  argv?: string[];
}

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'load-config-'));
  path = join(directory, 'signalbox.yaml');
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function load({ file, env = {}, argv = [] }: Given): LoadedConfig<WideConfig> {
  return loadAs(WideConfig, { file, env, argv });
}

function loadAs<T extends object>(Type: OptionsClass<T>, { file, env = {}, argv = [] }: Given): LoadedConfig<T> {
  if (file !== undefined) writeFileSync(path, file);
  return loadConfig(Type, {
    argv: file === undefined ? argv : ['--config', path, ...argv],
    env,
    readFile: (name) => readFileSync(name, 'utf8'),
  });
}

/** Returns the problems, with FILE instead of the path. */
function problems(given: Given): string[] {
  try {
    load(given);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((problem) => problem.replaceAll(path, 'FILE'));
    throw error;
  }
  return [];
}

describe('loadConfig', () => {
  describe('sources', () => {
    it('returns the defaults when nothing is set', () => {
      const { config, origins } = loadAs(Config, {});
      expect(config).toBeInstanceOf(Config);
      expect(config).toEqual(new Config());
      expect([...origins.keys()]).toEqual(Object.keys(config));
      expect(new Set(origins.values())).toEqual(new Set(['default']));
    });

    it('prefers the file over defaults, the environment over the file, and flags over all', () => {
      const file = 'port: 1\nmaxRooms: 1\nmaxQueued: 1\n';
      const { config, origins } = load({
        file,
        env: { SIGNALBOX_MAX_ROOMS: '2', SIGNALBOX_MAX_QUEUED: '2' },
        argv: ['--max-queued', '3'],
      });
      expect([config.port, config.maxRooms, config.maxQueued, config.frameBurst]).toEqual([1, 2, 3, 1000]);
      expect(['port', 'maxRooms', 'maxQueued', 'frameBurst'].map((name) => origins.get(name))).toEqual([
        `file ${path}`,
        'environment variable SIGNALBOX_MAX_ROOMS',
        'flag --max-queued',
        'default',
      ]);
    });

    it('prefers PORT over the file, SIGNALBOX_PORT over PORT, and the flag over both', () => {
      const given = { file: 'port: 1', env: { PORT: '2' } as NodeJS.ProcessEnv, argv: [] as string[] };
      expect(load(given).config.port).toBe(2);
      given.env.SIGNALBOX_PORT = '3';
      expect(load(given).config.port).toBe(3);
      given.argv = ['--port=4'];
      expect(load(given).config.port).toBe(4);
    });

    it('reads JSON, also with tabs', () => {
      const { config } = load({ file: '{\n\t"port": 1,\n\t"origins": ["a", "b"],\n\t"behind": false\n}\n' });
      expect([config.port, config.origins, config.behind]).toEqual([1, ['a', 'b'], false]);
    });

    it('accepts a file with only comments', () => {
      expect(load({ file: '# port: 9000\n' }).config).toEqual(new WideConfig());
    });

    it('finds the file by SIGNALBOX_CONFIG, and by --config first', () => {
      const other = join(directory, 'other.yaml');
      writeFileSync(other, 'port: 2');
      expect(load({ env: { SIGNALBOX_CONFIG: other } }).config.port).toBe(2);
      expect(load({ file: 'port: 1', env: { SIGNALBOX_CONFIG: other } }).config.port).toBe(1);
    });

    it('ignores other environment variables', () => {
      expect(load({ env: { HOST: 'x y', SIGNALBOX: '1', signalbox_port: 'x', MAX_ROOMS: '1' } }).config).toEqual(
        new WideConfig(),
      );
    });

    it('shares no list between configurations', () => {
      expect(load({}).config.origins).not.toBe(load({}).config.origins);
    });
  });

  describe('flags', () => {
    it.each([[['--max-rooms', '7']], [['--max-rooms=7']], [['--max_rooms', '7']], [['--maxRooms=7']]])(
      'reads an integer from %j',
      (argv) => {
        expect(load({ argv }).config.maxRooms).toBe(7);
      },
    );

    it.each([
      [['--expire_timeout', '7']],
      [['--expire-timeout=7']],
      [['-t', '7']],
      [['-t7']],
      [['--queue-ttl-ms', '7']],
    ])('accepts the flags of the peer command: %j', (argv) => {
      expect(load({ argv }).config.queueTtlMs).toBe(7);
    });

    it.each([
      [['--show_ids'], true],
      [['--show-ids', 'true'], true],
      [['--showIds=true'], true],
      [['--show_ids', 'false'], false],
      [['--show_ids', '--port', '1'], true],
      [[], false],
    ])('reads a flag that is off by default from %j', (argv, value) => {
      expect(load({ argv }).config.showIds).toBe(value);
    });

    it.each([[['--no-behind']], [['--behind=false']], [['--behind', 'false']]])(
      'switches a flag off that is on by default: %j',
      (argv) => {
        expect(load({ argv }).config.behind).toBe(false);
      },
    );

    it.each([
      [['--origins', 'a', '--origins', 'b']],
      [['--origins', 'a', 'b', '--port', '1']],
      [['--origins=a', '--origins=b']],
    ])('reads a list from %j', (argv) => {
      expect(load({ argv }).config.origins).toEqual(['a', 'b']);
    });

    it('keeps text that looks like another type', () => {
      expect(load({ argv: ['--node-name', '007'] }).config.nodeName).toBe('007');
      expect(load({ argv: ['--node-name=true'] }).config.nodeName).toBe('true');
      expect(load({ argv: ['--node-name', ''] }).config.nodeName).toBe('');
    });

    it.each([
      [
        ['--port'],
        'port (flag --port) must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got true',
      ],
      [
        ['--port='],
        "port (flag --port) must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got ''",
      ],
      [
        ['--port', '1e3x'],
        "port (flag --port) must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got '1e3x'",
      ],
      [
        ['--port', '1e3'],
        "port (flag --port) must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got '1e3'",
      ],
      [
        ['--port', '0x50'],
        "port (flag --port) must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got '0x50'",
      ],
      [
        ['--port', '080'],
        "port (flag --port) must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got '080'",
      ],
      [
        ['--port', ' 80'],
        "port (flag --port) must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got ' 80'",
      ],
      [
        ['--port', 'NaN'],
        "port (flag --port) must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got 'NaN'",
      ],
      [
        ['--port', '-1'],
        'port (flag --port) must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got -1',
      ],
      [
        ['--port', '-0'],
        "port (flag --port) must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got '-0'",
      ],
      [
        ['--port', '65536'],
        'port (flag --port) must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got 65536',
      ],
      [
        ['--port', '1.5'],
        "port (flag --port) must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got '1.5'",
      ],
      [
        ['-p', 'x'],
        "port (flag -p) must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got 'x'",
      ],
      [
        ['--no-port'],
        'port (flag --port) must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got false',
      ],
      [['--expire_timeout', 'x'], "queueTtlMs (flag --expire_timeout) must be an integer from 1 to 86400000, got 'x'"],
      [['--behind=maybe'], "behind (flag --behind) must be true or false, got 'maybe'"],
      [['--behind='], "behind (flag --behind) must be true or false, got ''"],
      [['--behind', '1'], "behind (flag --behind) must be true or false, got '1'"],
      [
        ['--node-name'],
        'nodeName (flag --node-name) must be letters, digits, ".", "_" and "-", up to 128 characters long, got true',
      ],
      [
        ['--log-level', 'loud'],
        "logLevel (flag --log-level) must be one of trace, debug, info, warn, error, fatal, silent, got 'loud'",
      ],
      [['--origins'], 'origins (flag --origins) must be a list of up to 3 texts of 1 to 20 characters, got true'],
      [['--origins='], 'origins (flag --origins) must be a list of up to 3 texts of 1 to 20 characters, got true'],
      [
        ['--no-origins'],
        'origins (flag --origins) must be a list of up to 3 texts of 1 to 20 characters, got [ false ]',
      ],
      [['--print-config=maybe'], "printConfig (flag --print-config) must be true or false, got 'maybe'"],
      [['--config'], 'config (flag --config) must be a file name, 1 to 4096 characters long, got true'],
      [['--config='], "config (flag --config) must be a file name, 1 to 4096 characters long, got ''"],
    ])('rejects the value of %j', (argv, line) => {
      expect(problems({ argv })).toEqual([line]);
    });

    it.each([
      [['--prot', '1'], '--prot (flag) is not an option, did you mean --port?'],
      [['--prot=1'], '--prot (flag) is not an option, did you mean --port?'],
      [['--expire-timeot=1'], '--expire-timeot (flag) is not an option, did you mean --queue-ttl-ms?'],
      [['--conifg', 'x'], '--conifg (flag) is not an option, did you mean --config?'],
      [['--banana'], '--banana (flag) is not an option, see --help'],
      [['--no-banana'], '--banana (flag) is not an option, see --help'],
      [['-q'], '-q (flag) is not an option, see --help'],
      [['--toString', '1'], '--toString (flag) is not an option, see --help'],
      [['--port.x=1'], '--port.x (flag) is not an option, did you mean --port?'],
      [['start'], 'start (argument) belongs to no flag, see --help'],
      [['--behind', 'true', 'extra'], 'extra (argument) belongs to no flag, see --help'],
      [['--', '--port'], '--port (argument) belongs to no flag, see --help'],
      [['9000'], '9000 (argument) belongs to no flag, see --help'],
    ])('rejects %j', (argv, line) => {
      expect(problems({ argv })).toEqual([line]);
    });

    it.each([
      [['--port', '1', '--port', '1'], 'port (flag --port) must be given only once'],
      [['--port', '1', '-p', '2'], 'port (flag --port, -p) must be given only once'],
      [['--max-rooms=1', '--maxRooms=1'], 'maxRooms (flag --max-rooms, --maxRooms) must be given only once'],
      [['--behind', '--no-behind'], 'behind (flag --behind) must be given only once'],
      [['--behind', '--behind'], 'behind (flag --behind) must be given only once'],
      [['--config', 'a', '--config', 'b'], 'config (flag --config) must be given only once'],
    ])('rejects repeated flags: %j', (argv, line) => {
      expect(problems({ argv })).toEqual([line]);
    });
  });

  describe('environment', () => {
    it('reads every kind', () => {
      const { config } = load({
        env: {
          SIGNALBOX_PORT: '0',
          SIGNALBOX_BEHIND: 'false',
          SIGNALBOX_SHOW_IDS: 'true',
          SIGNALBOX_ORIGINS: 'https://a, https://b',
          SIGNALBOX_NODE_NAME: '7',
        },
      });
      expect(config).toMatchObject({
        port: 0,
        behind: false,
        showIds: true,
        origins: ['https://a', 'https://b'],
        nodeName: '7',
      });
    });

    it('empties text and lists', () => {
      expect(load({ env: { SIGNALBOX_ORIGINS: '' } }).config.origins).toEqual([]);
      expect(load({ file: 'nodeName: a', env: { SIGNALBOX_NODE_NAME: '' } }).config.nodeName).toBe('');
    });

    it.each([
      [
        'SIGNALBOX_PORT',
        'abc',
        'port',
        "must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got 'abc'",
      ],
      [
        'SIGNALBOX_PORT',
        '',
        'port',
        "must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got ''",
      ],
      ['PORT', '', 'port', "must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got ''"],
      [
        'PORT',
        'tcp://10.0.0.1:9000',
        'port',
        "must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got 'tcp://10.0.0.1:9000'",
      ],
      ['SIGNALBOX_MAX_QUEUED', '100000001', 'maxQueued', 'must be an integer from 0 to 100000000, got 100000001'],
      ['SIGNALBOX_BEHIND', 'yes', 'behind', "must be true or false, got 'yes'"],
      ['SIGNALBOX_BEHIND', '', 'behind', "must be true or false, got ''"],
      ['SIGNALBOX_LOG_FORMAT', 'xml', 'logFormat', "must be one of auto, pretty, json, got 'xml'"],
      [
        'SIGNALBOX_ORIGINS',
        'a,,b',
        'origins',
        "must be a list of up to 3 texts of 1 to 20 characters, got [ 'a', '', 'b' ]",
      ],
      ['SIGNALBOX_CONFIG', '', 'config', "must be a file name, 1 to 4096 characters long, got ''"],
    ])('refuses %s=%s', (variable, value, name, line) => {
      expect(problems({ env: { [variable]: value } })).toEqual([`${name} (environment variable ${variable}) ${line}`]);
    });

    it.each([
      ['SIGNALBOX_PROT', 'did you mean SIGNALBOX_PORT?'],
      ['SIGNALBOX_MAXROOMS', 'did you mean SIGNALBOX_MAX_ROOMS?'],
      ['SIGNALBOX_max_rooms', 'did you mean SIGNALBOX_MAX_ROOMS?'],
      ['SIGNALBOX_EXPIRE_TIMEOUT', 'did you mean SIGNALBOX_QUEUE_TTL_MS?'],
      ['SIGNALBOX_CONFIGS', 'did you mean SIGNALBOX_CONFIG?'],
      ['SIGNALBOX_HELP', 'see --help'],
      ['SIGNALBOX_', 'see --help'],
    ])('refuses the unknown %s', (variable, advice) => {
      expect(problems({ env: { [variable]: '1' } })).toEqual([
        `${variable} (environment variable) is not an option, ${advice}`,
      ]);
    });

    it('does not read PORT at all next to SIGNALBOX_PORT', () => {
      expect(load({ env: { PORT: 'tcp://x', SIGNALBOX_PORT: '1' } }).config.port).toBe(1);
    });
  });

  describe('file', () => {
    it.each([
      [
        'port: "9000"',
        "port (file FILE) must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got '9000'",
      ],
      [
        'port: 9000.5',
        'port (file FILE) must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got 9000.5',
      ],
      [
        'port: .nan',
        'port (file FILE) must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got NaN',
      ],
      [
        'port: true',
        'port (file FILE) must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got true',
      ],
      [
        'port:',
        'port (file FILE) must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got null',
      ],
      [
        'port: [1]',
        'port (file FILE) must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got [ 1 ]',
      ],
      ['behind: "true"', "behind (file FILE) must be true or false, got 'true'"],
      ['behind: yes', "behind (file FILE) must be true or false, got 'yes'"],
      ['behind: 1', 'behind (file FILE) must be true or false, got 1'],
      ['connectorRealm: 5', 'connectorRealm (file FILE) must be text, 1 to 128 characters long, got 5'],
      ['origins: a', "origins (file FILE) must be a list of up to 3 texts of 1 to 20 characters, got 'a'"],
      ['origins: [1]', 'origins (file FILE) must be a list of up to 3 texts of 1 to 20 characters, got [ 1 ]'],
      [
        'origins: [a, b, c, d]',
        "origins (file FILE) must be a list of up to 3 texts of 1 to 20 characters, got [ 'a', 'b', 'c', 'd' ]",
      ],
      ['prot: 1', 'prot (file FILE) is not an option, did you mean port?'],
      ['max_rooms: 1', 'max_rooms (file FILE) is not an option, did you mean maxRooms?'],
      ['expire_timeout: 1', 'expire_timeout (file FILE) is not an option, did you mean queueTtlMs?'],
      ['config: x', 'config (file FILE) is not an option, see --help'],
      ['__proto__: 1', '__proto__ (file FILE) is not an option, see --help'],
      ['constructor: 1', 'constructor (file FILE) is not an option, see --help'],
      ['5: 1', '5 (file FILE) is not an option, see --help'],
      ['"a\\nb\\e[1m": 1', 'a b [1m (file FILE) is not an option, see --help'],
      ['port: 1\nport: 1', 'port (file FILE) must be given only once'],
      ['{"port": 1, "port": 2}', 'port (file FILE) must be given only once'],
      ['- port', 'file FILE must hold a mapping of options'],
      ['9000', 'file FILE must hold a mapping of options'],
      ['null', 'file FILE must hold a mapping of options'],
      ['!!set {port}', 'file FILE must hold a mapping of options'],
      ['{"port": 1', 'file FILE is not valid YAML or JSON: Flow map must end with a } at line 1, column 11'],
      [
        'port: 1\n\thost: a',
        'file FILE is not valid YAML or JSON: Tabs are not allowed as indentation at line 2, column 1',
      ],
      [
        'port: 1\n---\nport: 2',
        'file FILE is not valid YAML or JSON: Source contains multiple documents at line 2, column 1',
      ],
      ['port: !port 1', 'file FILE is not valid YAML or JSON: Unresolved tag at line 1, column 7'],
    ])('rejects %j', (file, line) => {
      expect(problems({ file })).toEqual([line]);
    });

    it('shows a cyclic value without falling over', () => {
      expect(problems({ file: 'port: &a [*a]' })).toEqual([
        'port (file FILE) must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got <ref *1> [ [Circular *1] ]',
      ]);
    });

    it('reports an unreadable file, and the source that names it', () => {
      const missing = join(directory, 'missing.yaml');
      expect(problems({ argv: ['--config', missing] })).toEqual([
        `config (flag --config) cannot be read: ENOENT: no such file or directory, open '${missing}'`,
      ]);
      expect(problems({ env: { SIGNALBOX_CONFIG: directory } })).toEqual([
        'config (environment variable SIGNALBOX_CONFIG) cannot be read: EISDIR: illegal operation on a directory, read',
      ]);
    });
  });

  describe('several problems', () => {
    it('reports each of them, of each source, on a line of its own', () => {
      expect(
        problems({
          file: 'port: x\nbanana: 1\nlogLevel: loud\nlogLevel: louder\n',
          env: { SIGNALBOX_PORT: 'y', SIGNALBOX_BANANA: '1', SIGNALBOX_MAX_ROOMS: '-5' },
          argv: ['--port', 'z', '--banana', '--host', '', 'stray'],
        }),
      ).toEqual([
        'banana (file FILE) is not an option, see --help',
        "port (file FILE) must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got 'x'",
        'logLevel (file FILE) must be given only once',
        'SIGNALBOX_BANANA (environment variable) is not an option, see --help',
        "port (environment variable SIGNALBOX_PORT) must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got 'y'",
        'maxRooms (environment variable SIGNALBOX_MAX_ROOMS) must be an integer from 1 to 100000000, got -5',
        '--banana (flag) is not an option, see --help',
        'stray (argument) belongs to no flag, see --help',
        "port (flag --port) must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got 'z'",
        "host (flag --host) must be an address or host name without spaces, 1 to 255 characters long, got ''",
      ]);
    });

    it('reports a bad value even if a better source overrides it', () => {
      expect(problems({ file: 'port: x', argv: ['--port', '1'] })).toHaveLength(1);
    });

    it('reports the other sources if the file is broken', () => {
      expect(problems({ file: '[', argv: ['--port', 'x'] })).toEqual([
        expect.stringContaining('file FILE is not valid YAML or JSON: '),
        "port (flag --port) must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got 'x'",
      ]);
    });
  });

  describe('rules between options', () => {
    const file = import.meta.filename;

    it('compares the effective values, wherever they come from', () => {
      expect(problems({ file: `sslkey: ${file}` })).toEqual([
        `sslkey (file FILE) must be given together with sslcert, got '${file}'`,
      ]);
      expect(problems({ file: `sslkey: ${file}`, argv: ['--sslcert', file] })).toEqual([]);
      expect(problems({ file: `sslkey: ${file}`, argv: ['--sslkey='] })).toEqual([]);
    });

    it('does not compare with a value that is bad itself', () => {
      expect(problems({ argv: ['--sslkey', file, '--sslcert', `${file}.missing`] })).toEqual([
        `sslcert (flag --sslcert) must be the path of a file that can be read, got '${file}.missing'`,
      ]);
    });
  });

  describe('an option that only the file may have', () => {
    const advice = 'must be written in a YAML or JSON file, named by --config FILE or SIGNALBOX_CONFIG';
    const realms = '{"acme":{"connectorPath":"/acme"}}';

    it.each([
      [{ argv: ['--realms', realms] }, `realms (flag --realms) ${advice}`],
      [{ argv: [`--realms=${realms}`, '--realms', realms] }, `realms (flag --realms) ${advice}`],
      [{ argv: ['--no-realms'] }, `realms (flag --realms) ${advice}`],
      [{ env: { SIGNALBOX_REALMS: realms } }, `realms (environment variable SIGNALBOX_REALMS) ${advice}`],
      [{ env: { SIGNALBOX_REALMS: '' } }, `realms (environment variable SIGNALBOX_REALMS) ${advice}`],
      [{ file: `realms: ${realms}`, argv: ['--realms', '{}'] }, `realms (flag --realms) ${advice}`],
    ])('is refused elsewhere: %j', (given: Given, line) => {
      expect(problems(given)).toEqual([line]);
    });

    it.each([`realms: ${realms}`, `{"realms": ${realms}}`])('is read from the file: %s', (file) => {
      expect(load({ file }).config.realms).toEqual({ acme: { connectorPath: '/acme' } });
    });
  });

  describe('secrets', () => {
    it('takes them from every source', () => {
      expect(load({ file: 'adminToken: abc' }).config.adminToken).toBe('abc');
      expect(load({ env: { SIGNALBOX_ADMIN_TOKEN: 'abc' } }).config.adminToken).toBe('abc');
      expect(load({ argv: ['--adminkey', 'abc'] }).config.adminToken).toBe('abc');
    });

    it.each([
      [{ file: 'adminToken: "s3cret!"' }, 'adminToken (file FILE) must be letters, up to 16 characters long'],
      [{ file: 'adminToken: [s3cret]' }, 'adminToken (file FILE) must be letters, up to 16 characters long'],
      [
        { env: { SIGNALBOX_ADMIN_TOKEN: 's3cret!' } },
        'adminToken (environment variable SIGNALBOX_ADMIN_TOKEN) must be letters, up to 16 characters long',
      ],
      [{ argv: ['--adminkey=s3cret!'] }, 'adminToken (flag --adminkey) must be letters, up to 16 characters long'],
      [
        { argv: ['--adminkey', 's3cret', '--adminkey', 's3cret'] },
        'adminToken (flag --adminkey) must be given only once',
      ],
      [{ argv: ['--admin-tokn', 's3cret'] }, '--admin-tokn (flag) is not an option, did you mean --admin-token?'],
      [
        { env: { SIGNALBOX_ADMIN_TOKN: 's3cret' } },
        'SIGNALBOX_ADMIN_TOKN (environment variable) is not an option, did you mean SIGNALBOX_ADMIN_TOKEN?',
      ],
      [{ file: 'adminTokn: s3cret' }, 'adminTokn (file FILE) is not an option, did you mean adminToken?'],
      [{ file: 'adminToken: !s3cret' }, 'file FILE is not valid YAML or JSON: Unresolved tag at line 1, column 13'],
      [
        { file: 'adminToken: *s3cret' },
        'file FILE is not valid YAML or JSON: Unresolved alias (the anchor must be set before the alias)',
      ],
      [
        { file: 'adminToken: "a"s3cret' },
        'file FILE is not valid YAML or JSON: Unexpected scalar at node end at line 1, column 16',
      ],
    ])('never shows one: %j', (given: Given, line) => {
      expect(problems(given)).toEqual([line]);
    });

    it('does not take the mask of a printed configuration for the secret', () => {
      expect(problems({ file: 'adminToken: "********"' })).toEqual([
        'adminToken (file FILE) must be the secret itself, not its mask',
      ]);
    });
  });
});
