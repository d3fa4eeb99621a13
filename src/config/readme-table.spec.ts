import { readFileSync, writeFileSync } from 'node:fs';
import { Config } from './config.js';
import { describeConfig, renderMarkdown } from './describe-config.js';

const README = new URL('../../README.md', import.meta.url);
const BEGIN = '<!-- config:begin -->';
const END = '<!-- config:end -->';

it('README.md holds the table of options; UPDATE_README=1 writes it', () => {
  const text = readFileSync(README, 'utf8');
  const start = text.indexOf(BEGIN) + BEGIN.length;
  const end = text.indexOf(END);
  expect(text.split(BEGIN)).toHaveLength(2);
  expect(text.split(END)).toHaveLength(2);
  expect(start).toBeLessThan(end);

  const table = `\n\n${renderMarkdown(describeConfig(Config))}\n\n`;
  if (process.env.UPDATE_README === '1') writeFileSync(README, text.slice(0, start) + table + text.slice(end));
  else expect(text.slice(start, end)).toBe(table);
});
