import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const ROOT = resolve(import.meta.dirname, '../..');
const TARBALL = process.env.SIGNALBOX_TARBALL!;

/** The members of package.json that name files for Node and TypeScript. */
interface Manifest {
  readonly main: string;
  readonly types: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: object;
  readonly typesVersions: object;
}

/** Returns all texts in the values of an object, at any depth. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

describe('the package from npm pack', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-package-'));
  const unpacked = join(folder, 'package');
  const filesIn = (path: string, suffix: string): string[] =>
    readdirSync(join(unpacked, path), { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith(suffix) && !name.startsWith('node_modules'),
    );
  const read = (path: string): string => readFileSync(join(unpacked, path), 'utf8');

  beforeAll(() => {
    execFileSync('tar', ['-xzf', TARBALL], { cwd: folder });
    symlinkSync(join(ROOT, 'node_modules'), join(unpacked, 'node_modules'));
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('contains every file that its pages link to', () => {
    const targets = filesIn('.', '.md').flatMap((page) =>
      [...read(page).matchAll(/(?:\]\(|src="|href=")([^)#"\s:]+)(?:#[^)"]*)?[)"]/g)].map(([, target]) =>
        join(dirname(page), target),
      ),
    );
    for (const target of ['docs/configuration.md', 'src/protocols/peerjs/PROTOCOL.md', 'docs/images/demo.png']) {
      expect(targets).toContain(target);
    }
    expect(targets.filter((target) => !existsSync(join(unpacked, target)))).toEqual([]);
  });

  it('contains every file that package.json names', () => {
    const { main, types, bin, exports, typesVersions } = JSON.parse(read('package.json')) as Manifest;
    const files = textsIn([main, types, bin, exports, typesVersions]);
    expect(files.length).toBeGreaterThan(30);
    expect(files.filter((file) => !existsSync(join(unpacked, file)))).toEqual([]);
  });

  it('contains the examples with their sources, and nothing that a build or an installation has made', () => {
    const examples = readdirSync(join(unpacked, 'examples'));
    expect(examples).toEqual(readdirSync(join(ROOT, 'examples')));
    for (const example of examples) expect(filesIn(join('examples', example), '.md')).toContain('README.md');
    const made = filesIn('.', '').filter((file) =>
      /(^|\/)(node_modules|build\.sha256)(\/|$)|^examples\/.*\/dist\//.test(file),
    );
    expect(made).toEqual([]);
  });

  it('contains source maps with their sources', () => {
    const maps = filesIn('dist', '.map');
    expect(maps.length).toBeGreaterThan(100);
    const empty = maps.filter((name) => {
      const { sourcesContent } = JSON.parse(read(join('dist', name))) as { sourcesContent?: string[] };
      return !sourcesContent?.[0];
    });
    expect(empty).toEqual([]);
    const mapped = filesIn('dist', '.js').filter((name) => read(join('dist', name)).includes('//# sourceMappingURL='));
    expect(mapped.filter((name) => !maps.includes(`${name}.map`))).toEqual([]);
  });

  it('contains all Lua scripts', () => {
    const scriptsIn = (root: string): string[] => {
      const files = readdirSync(join(root, 'backplane/redis/lua'), { recursive: true, encoding: 'utf8' });
      return files.filter((file) => file.endsWith('.lua')).sort();
    };
    expect(scriptsIn(join(unpacked, 'dist'))).toEqual(scriptsIn(join(ROOT, 'src')));
  });

  it('contains the console, with its libraries and their licences', () => {
    const page = readdirSync(join(unpacked, 'dist/console/public'), { recursive: true, encoding: 'utf8' });
    const own = readdirSync(join(ROOT, 'src/console/public'), { recursive: true, encoding: 'utf8' });
    expect(page.sort()).toEqual(own.sort());
    const vendor = readdirSync(join(unpacked, 'dist/console/public/vendor')).sort();
    const licences = ['htm', 'preact', 'uplot'].map((name) => `${name}.LICENSE.txt`);
    expect(vendor).toEqual(['hooks.js', 'htm.js', 'preact.js', 'uplot.css', 'uplot.js', ...licences].sort());
  });

  it('runs from another folder', () => {
    const version = execFileSync(process.execPath, [join(unpacked, 'dist/main.js'), '--version'], { cwd: tmpdir() });
    expect(version.toString()).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('satisfies publint', async () => {
    const tarball = readFileSync(TARBALL);
    const { messages, pkg } = await publint({
      strict: true,
      pack: { tarball: tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.byteLength) },
    });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it('satisfies attw ("Are the types wrong?") for all entries and resolutions', () => {
    const attw = join(ROOT, 'node_modules/@arethetypeswrong/cli/dist/index.js');
    const { status, stdout } = spawnSync(process.execPath, [attw, TARBALL, '--no-color'], { encoding: 'utf8' });
    expect(status === 0 ? 'no problems' : stdout).toBe('no problems');
  });
});
