import { loadOptional } from './optional-packages.js';

const load = (specifier: string): Promise<unknown> =>
  loadOptional('This test', 'do without it', () => import(specifier));
const notFound = (message: string): Error => Object.assign(new Error(message), { code: 'ERR_MODULE_NOT_FOUND' });

describe('loadOptional', () => {
  it('resolves with what it loads', async () => {
    expect(await loadOptional('x', 'y', () => Promise.resolve(1))).toBe(1);
    expect(await load('node:path')).toHaveProperty('join');
  });

  it.each(["Cannot find package '@a/b' imported from /c.js", "Cannot find module '@a/b'\nRequire stack:"])(
    'names the missing package of %j',
    async (message) => {
      const failing = loadOptional('EasyRTC', 'do without it', () => Promise.reject(notFound(message)));
      await expect(failing).rejects.toThrow(
        'EasyRTC needs the optional package @a/b, which is not installed: run npm install --include=optional, or do without it',
      );
    },
  );

  it.each([notFound("Cannot find module './ours.js'"), new Error("Cannot find package 'x'")])(
    'passes on other errors (%s)',
    async (error) => {
      await expect(loadOptional('x', 'y', () => Promise.reject(error))).rejects.toBe(error);
    },
  );
});
