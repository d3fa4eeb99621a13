import { readFileSync, writeFileSync } from 'node:fs';
import { Config } from './config.js';
import { describeConfig, renderMarkdown } from './describe-config.js';

const PAGE = new URL('../../docs/configuration.md', import.meta.url);
const BEGIN = '<!-- options:begin -->';
const END = '<!-- options:end -->';

it('docs/configuration.md lists every option; `npm run docs:configuration` writes the list', () => {
  const text = readFileSync(PAGE, 'utf8');
  expect(text.split(BEGIN)).toHaveLength(2);
  expect(text.split(END)).toHaveLength(2);
  const start = text.indexOf(BEGIN) + BEGIN.length;
  const end = text.indexOf(END);
  expect(start).toBeLessThan(end);

  const list = `\n\n${renderMarkdown(describeConfig(Config))}\n\n`;
  if (process.env.UPDATE_DOCS === '1') writeFileSync(PAGE, text.slice(0, start) + list + text.slice(end));
  else expect(text.slice(start, end)).toBe(list);
});
