import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const PAGE = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');

const FILES = ['src', 'test', 'bench', 'docs'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
);
const SOURCES = FILES.filter((name) => /^src\/.*(?<!\.spec)\.ts$/.test(name))
  .map((name) => readFileSync(join(ROOT, name), 'utf8'))
  .join('\n');

/** Returns the distinct first groups of all matches. */
function namesIn(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, name]) => name))].sort();
}

describe('docs/architecture.md', () => {
  it('names only files that exist', () => {
    const names = namesIn(PAGE, /(?<![\w./-])([\w-][\w./-]*\.(?:ts|lua|md|mjs))\b/g);
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !FILES.some((file) => `/${file}`.endsWith(`/${name}`)))).toEqual([]);
  });

  it('names all folders of src/, and no others', () => {
    const tree = /^src\/\n([^]*?)^\S/m.exec(PAGE)?.[1] ?? '';
    const folders = tree.split('\n').flatMap((line) => {
      const column = /^ {2}(\S.*?)(?: {3,}|$)/.exec(line)?.[1] ?? '';
      return column.split(/ +/).filter((name) => name.endsWith('/'));
    });
    const present = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.sort()).toEqual(present.map(({ name }) => `${name}/`).sort());
  });

  it('names only classes and members that exist', () => {
    const names = namesIn(PAGE, /`([A-Z][a-z]\w*(?:\.[a-z]\w*)?)`/g);
    expect(names.length).toBeGreaterThan(20);
    const isMissing = (word: string): boolean => !new RegExp(`\\b${word}\\b`).test(SOURCES);
    expect(names.filter((name) => name.split('.').some(isMissing))).toEqual([]);
  });
});
