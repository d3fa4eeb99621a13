import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { createAsyncDocument } from './support/async-document.js';
import { renderAsyncDocument } from './support/async-markdown.js';

const PAGE = new URL('../docs/asyncapi.md', import.meta.url);
const BEGIN = '<!-- messages:begin -->';

it('docs/asyncapi.md describes every message; `npm run docs:asyncapi` writes the page', async () => {
  const [head] = readFileSync(PAGE, 'utf8').split(BEGIN);
  const messages = renderAsyncDocument(await createAsyncDocument());
  const page = await format(`${head}${BEGIN}\n\n${messages}\n`, { parser: 'markdown', printWidth: 120 });
  if (process.env.UPDATE_DOCS === '1') writeFileSync(PAGE, page);
  else expect(readFileSync(PAGE, 'utf8')).toBe(page);
});
