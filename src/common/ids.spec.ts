import { shortUuid } from './ids.js';

describe('shortUuid', () => {
  it('has 22 characters of the base57 alphabet', () => {
    for (let i = 0; i < 1000; i++) expect(shortUuid()).toMatch(/^[2-9A-HJ-NP-Za-km-z]{22}$/);
  });

  it('does not repeat', () => {
    const ids = Array.from({ length: 10_000 }, shortUuid);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
