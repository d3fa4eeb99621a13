import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(ROOT, 'examples')).map((example) => `examples/${example}/README.md`),
  ...markdownIn('docs'),
  ...readdirSync(join(ROOT, 'src/protocols')).map((protocol) => `src/protocols/${protocol}/PROTOCOL.md`),
].filter((page) => existsSync(join(ROOT, page)));

function markdownIn(folder: string): string[] {
  const names = readdirSync(join(ROOT, folder)).filter((name) => name.endsWith('.md'));
  return names.map((name) => `${folder}/${name}`);
}

/** Returns the text of a page without its code. */
function proseOf(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8').replace(/^```[^]*?^```/gm, '');
}

/** Returns the targets of the page's links and images that lead to files of the repository or to headings. */
function linksOf(page: string): string[] {
  const targets = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

/** Returns the anchors that GitHub gives to the headings of a page. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading] of proseOf(page).matchAll(/^#+ (.*)$/gm)) {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let copy = 1; anchors.has(anchor); copy++) anchor = `${slug}-${copy}`;
    anchors.add(anchor);
  }
  return anchors;
}

function isBroken(page: string, link: string): boolean {
  const [path, anchor] = link.split('#', 2);
  const target = path === '' ? page : relative(ROOT, resolve(ROOT, dirname(page), path));
  if (!existsSync(join(ROOT, target))) return true;
  return anchor !== undefined && !anchorsOf(target).has(anchor);
}

/** Returns the paths of files and folders that the text names in code. */
function pathsIn(page: string): string[] {
  const paths = [...proseOf(page).matchAll(/`((?:src|test|docs|bench|deploy|examples|scripts)\/[\w./-]*)`/g)];
  return paths.map(([, path]) => path);
}

describe('documentation links', () => {
  it.each(PAGES)('of %s point to existing files and headings', (page) => {
    expect(linksOf(page).filter((link) => isBroken(page, link))).toEqual([]);
  });

  it.each(PAGES)('and paths in the text of %s point to existing files', (page) => {
    expect(pathsIn(page).filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('reach every page of docs/ from its index', () => {
    const linked = new Set(linksOf('docs/README.md').map((link) => `docs/${link}`));
    const pages = markdownIn('docs').filter((page) => page !== 'docs/README.md');
    expect(pages.filter((page) => !linked.has(page))).toEqual([]);
  });
});
