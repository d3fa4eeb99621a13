import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Config } from '../config/config.js';
import { describeConfig } from '../config/describe-config.js';
import { type CliOutcome, runCli } from './cli.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'cli-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function run(
  argv: string[],
  env: NodeJS.ProcessEnv = {},
  columns?: number,
): { outcome: CliOutcome; stdout: string; stderr: string } {
  const written = { stdout: '', stderr: '' };
  const outcome = runCli({
    argv,
    env,
    stdout: { columns, write: (text) => (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
  });
  return { outcome, ...written };
}

function file(text: string): string {
  const path = join(directory, 'signalbox.yaml');
  writeFileSync(path, text);
  return path;
}

function widestOf(text: string): number {
  return Math.max(...text.split('\n').map(({ length }) => length));
}

describe('runCli', () => {
  it('says to run with the configuration of all sources, and prints nothing', () => {
    const result = run(['--config', file('port: 1\nmaxRooms: 2'), '--max-rooms', '3'], { SIGNALBOX_FRAME_BURST: '4' });
    expect(result).toEqual({
      outcome: {
        run: {
          config: Object.assign(new Config(), { port: 1, maxRooms: 3, frameBurst: 4 }),
          origins: expect.any(Map) as Map<string, string>,
          files: [join(directory, 'signalbox.yaml')],
        },
      },
      stdout: '',
      stderr: '',
    });
  });

  it('prints one line for each problem on stderr and ends with 2', () => {
    const path = file('port: "1"\nprot: 2');
    expect(run(['--config', path, '--log-level=loud', '--print-config'], { SIGNALBOX_PROT: '' })).toEqual({
      outcome: { exitCode: 2 },
      stdout: '',
      stderr: [
        `signalbox: prot (file ${path}) is not an option, did you mean port?`,
        `signalbox: port (file ${path}) must be an integer from 0 to 65535, or the path of a Unix socket or Windows pipe, got '1'`,
        'signalbox: SIGNALBOX_PROT (environment variable) is not an option, did you mean SIGNALBOX_PORT?',
        "signalbox: logLevel (flag --log-level) must be one of trace, debug, info, warn, error, fatal, silent, got 'loud'",
        '',
      ].join('\n'),
    });
  });

  it('says which realms share a door', () => {
    const path = file('realms: { acme: { connectorPath: /rtc }, beta: { connectorPath: /rtc/ } }');
    const fault = 'must not share a door: acme and beta both have the connectorPath /rtc';
    expect(run(['--config', path])).toMatchObject({
      outcome: { exitCode: 2 },
      stderr: `signalbox: realms (file ${path}) ${fault}\n`,
    });
  });

  it('prints the version of the package', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(run(['--version'])).toEqual({ outcome: { exitCode: 0 }, stdout: `${version}\n`, stderr: '' });
  });

  describe('--help', () => {
    it.each([['--help'], ['-h'], ['--port', 'x', '--help'], ['--help', '--banana'], ['--help', '--version']])(
      'is given on %j %j %j',
      (...argv) => {
        const { outcome, stdout, stderr } = run(argv);
        expect(outcome).toEqual({ exitCode: 0 });
        expect(stdout).toMatch(/^Usage: signalbox \[options\]\n/);
        expect(stderr).toBe('');
      },
    );

    it('is not given where it is only the value of another flag or switched off', () => {
      expect(run(['--node-name', 'help']).outcome).toHaveProperty('run');
      expect(run(['--no-help']).outcome).toHaveProperty('run');
    });

    it('lists every option with its flags, variable, default with unit, meaning and bounds', () => {
      const words = run(['--help']).stdout.replace(/\s+/g, ' ');
      for (const option of describeConfig(Config).filter(({ isFileOnly }) => !isFileOnly)) {
        const flags = [option.flag, ...option.aliases].join(', ');
        const variables = [option.env, ...option.envAliases].join(', ');
        expect(words).toContain(` ${flags} ${option.doc} [${option.allowed}; default ${option.default}; ${variables}]`);
      }
      expect(words).toContain(' --config YAML or JSON file');
      expect(words).toContain(' --print-config Print');
      expect(words).toContain('default 1048576 bytes; SIGNALBOX_MAX_FRAME_BYTES]');
      expect(words).toContain('default 25000 ms; SIGNALBOX_PING_INTERVAL_MS]');
    });

    it('lists an option that only the file may have without a flag and a variable', () => {
      const words = run(['--help']).stdout.replace(/\s+/g, ' ');
      expect(words).toContain(' realms Realms with doors and rules of their own, by name. Only in the file.');
      expect(words).toContain('; default {}; no flag]');
      expect(words).not.toMatch(/--realms|SIGNALBOX_REALMS/);
    });

    it('names every section once', () => {
      const { stdout } = run(['--help']);
      for (const section of new Set(describeConfig(Config).map((option) => option.section))) {
        expect(stdout.split(`\n\n${section}\n  --`)).toHaveLength(2);
      }
    });

    it('fits a terminal of 80 columns where the width is not known', () => {
      expect(widestOf(run(['--help']).stdout)).toBeLessThanOrEqual(80);
    });

    it.each([80, 99, 100, 120])('fits a terminal of %i columns, breaks no word, and names every option', (columns) => {
      const { stdout } = run(['--help'], {}, columns);
      const words = stdout.replace(/\s+/g, ' ');
      for (const { name, flag, isFileOnly, doc } of describeConfig(Config)) {
        expect(stdout).toMatch(new RegExp(`^  ${isFileOnly ? name : flag}\\b`, 'm'));
        expect(words).toContain(doc);
      }
      expect(widestOf(stdout)).toBeLessThanOrEqual(columns);
    });

    it('is no wider than can be read, and no narrower than its words', () => {
      expect(run(['--help'], {}, 500)).toEqual(run(['--help'], {}, 120));
      expect(run(['--help'], {}, 1)).toEqual(run(['--help'], {}, 60));
    });
  });

  describe('--print-config', () => {
    it('prints what is effective and starts nothing', () => {
      const { outcome, stdout, stderr } = run(['--print-config', '--port', '0', '--host=::1']);
      expect(outcome).toEqual({ exitCode: 0 });
      expect(stdout).toMatch(/^host: ::1 # flag --host\nport: 0 # flag --port\n/);
      expect(stdout).toContain('\nmaxRooms: 100000\n');
      expect(stderr).toBe('');
    });

    it('prints what --config reads as the same configuration', () => {
      const argv = ['--port', '5', '--node-name', '7', '--log-level', 'silent', '--connector-path', '/a'];
      const printed = run(['--print-config', ...argv]).stdout;
      const configFrom = (outcome: CliOutcome) => 'run' in outcome && outcome.run.config;
      expect(configFrom(run(['--config', file(printed)]).outcome)).toEqual(configFrom(run(argv).outcome));
    });
  });
});
