import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../../..');

describe('the package from npm pack', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-package-'));
  const unpacked = join(folder, 'package');

  beforeAll(() => {
    const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
    execFileSync('npm', pack, { cwd: ROOT, stdio: 'pipe' });
    const [tarball] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
    execFileSync('tar', ['-xzf', tarball], { cwd: folder });
    symlinkSync(join(ROOT, 'node_modules'), join(unpacked, 'node_modules'));
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('contains every file that its pages link to', () => {
    const pages = readdirSync(unpacked, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.md') && !name.startsWith('node_modules'),
    );
    const targets = pages.flatMap((page) =>
      [...readFileSync(join(unpacked, page), 'utf8').matchAll(/\]\(([^)#\s:]+)(?:#[^)]*)?\)/g)].map(([, target]) =>
        join(dirname(page), target),
      ),
    );
    expect(targets).toContain('docs/configuration.md');
    expect(targets.filter((target) => !existsSync(join(unpacked, target)))).toEqual([]);
  });

  it('contains source maps with their sources, but no build files', () => {
    const maps = readdirSync(join(unpacked, 'dist'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.map'),
    );
    expect(maps.length).toBeGreaterThan(100);
    const empty = maps.filter((name) => {
      const { sourcesContent } = JSON.parse(readFileSync(join(unpacked, 'dist', name), 'utf8')) as {
        sourcesContent?: string[];
      };
      return !sourcesContent?.[0];
    });
    expect(empty).toEqual([]);
    expect(existsSync(join(unpacked, 'dist/build.sha256'))).toBe(false);
  });

  it('contains all Lua scripts', () => {
    const scriptsIn = (root: string): string[] => {
      const files = readdirSync(join(root, 'backplane/redis/lua'), { recursive: true, encoding: 'utf8' });
      return files.filter((file) => file.endsWith('.lua')).sort();
    };
    expect(scriptsIn(join(unpacked, 'dist'))).toEqual(scriptsIn(join(ROOT, 'src')));
  });

  it('runs from another folder', () => {
    const version = execFileSync(process.execPath, [join(unpacked, 'dist/main.js'), '--version'], { cwd: tmpdir() });
    expect(version.toString()).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
