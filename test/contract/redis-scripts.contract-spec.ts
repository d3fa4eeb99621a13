import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KEYS, luaKeys } from '../../src/backplane/redis/keys.js';
import { loadScripts, SCRIPT_SOURCES, type ScriptSource } from '../../src/backplane/redis/scripts.js';
import { RedisServer } from '../support/redis-server.js';

const LUA = join(import.meta.dirname, '../../src/backplane/redis/lua');

const files = readdirSync(LUA, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.lua'))
  .map((file) => file.slice(0, -'.lua'.length))
  .sort();
const sources: Record<string, ScriptSource> = SCRIPT_SOURCES;

/** Returns the comment at the beginning of a file, and the code without comments. */
function partsOf(file: string): { header: string; code: string } {
  const text = readFileSync(join(LUA, `${file}.lua`), 'utf8');
  const header = /^(--.*\n)+/.exec(text)?.[0] ?? '';
  return { header, code: text.replaceAll(/--.*$/gm, '') };
}

const keysIn = (text: string): string[] => [...new Set(text.match(/\b\w+Key\b/g))].sort();

describe('the Lua scripts', () => {
  afterAll(() => RedisServer.killAll());

  it('are made of all files in lua/', () => {
    const used = new Set(Object.values(sources).flatMap((source) => source.files));
    expect([...used].sort()).toEqual(files);
    expect(files.length).toBeGreaterThan(30);
  });

  it('are all compiled by a real Redis', async () => {
    const redis = await RedisServer.start(RedisServer.IN_MEMORY);
    const scripts = Object.entries(loadScripts());
    expect(scripts.map(([name]) => name)).toEqual(Object.keys(sources));
    const hashes = await redis.ask((client) => {
      return Promise.all(scripts.map(([, { lua }]) => client.script('LOAD', lua).catch(String)));
    });
    const failed = scripts.flatMap(([name], at) =>
      /^[0-9a-f]{40}$/.test(String(hashes[at])) ? [] : [name, hashes[at]],
    );
    expect(failed).toEqual([]);
  });

  it.each(files)('%s names its keys, arguments and result in its header', (file) => {
    const { header, code } = partsOf(file);
    expect(header.split('\n')[0].length).toBeGreaterThan('-- '.length);
    expect(keysIn(header)).toEqual(keysIn(code));
    if (file.startsWith('lib/')) return;
    for (const title of ['Keys:      ', 'Arguments: ', 'Returns:   ']) expect(header).toContain(`\n-- ${title}`);
  });

  it.each(files)('%s uses no key but those of keys.ts', (file) => {
    const { code } = partsOf(file);
    const groups = Object.values(sources).flatMap((source) => (source.files.includes(file) ? source.keys : []));
    const declared = groups.map((group) => Object.keys(KEYS[group]).map((key) => `${key}Key`));
    for (const keys of declared) expect(keys).toEqual(expect.arrayContaining(keysIn(code)));
    expect(code).not.toMatch(/\bKEYS\b/);
    const calls = [...code.matchAll(/redis\.call\('(\w+)',? ?(\w+)?/g)].filter(([, command]) => command !== 'TIME');
    expect(calls.filter(([, , key]) => !key?.endsWith('Key')).map(([call]) => call)).toEqual([]);
  });

  it('declare a key for each name, or one for all', () => {
    expect(luaKeys('queue').split('\n')).toEqual([
      "local signalsKey = KEYS[1] .. 'signals'",
      "local function signalsToKey(of) return KEYS[1] .. 'signalsTo:' .. of end",
      "local sharesKey = KEYS[1] .. 'shares'",
    ]);
  });
});
