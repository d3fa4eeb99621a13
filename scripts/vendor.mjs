// Copies the libraries of the console from node_modules to where the server serves them, with their licences. Browsers
// load them as they are: the package needs none of them at run time.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const TARGET = join(ROOT, 'src/console/public/vendor');

/** Files by their names in `vendor/`. Browsers resolve no names of packages, and a module exports what it offers. */
const FILES = {
  'preact.js': ['preact/dist/preact.mjs', asBrowserModule],
  'hooks.js': ['preact/hooks/dist/hooks.mjs', asBrowserModule],
  'htm.js': ['htm/dist/htm.mjs', asBrowserModule],
  'uplot.js': ['uplot/dist/uPlot.iife.min.js', (text) => `${text.trimEnd()}\nexport default uPlot;\n`],
  'uplot.css': ['uplot/dist/uPlot.min.css', (text) => text],
};
const PACKAGES = ['preact', 'htm', 'uplot'];

/** Writes the files that have changed. Concurrent calls write the same. */
export function copyVendorFiles() {
  mkdirSync(TARGET, { recursive: true });
  for (const [name, [source, convert]] of Object.entries(FILES)) write(name, convert(read(source)));
  for (const name of PACKAGES) {
    const { version } = JSON.parse(read(`${name}/package.json`));
    write(`${name}.LICENSE.txt`, `${name} ${version}\n\n${read(`${name}/LICENSE`)}`);
  }
}

function asBrowserModule(text) {
  return text.replaceAll(/(["'])preact\1/g, '"./preact.js"').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
}

function read(path) {
  return readFileSync(join(ROOT, 'node_modules', path), 'utf8');
}

function write(name, text) {
  const path = join(TARGET, name);
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  writeFileSync(`${path}.${process.pid}`, text);
  renameSync(`${path}.${process.pid}`, path);
}
