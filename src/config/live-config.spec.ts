import { jest } from '@jest/globals';
import { Config } from './config.js';
import { LiveConfig } from './live-config.js';
import { ConfigError, configOf } from './load-config.js';
import { LimitOptions } from './sections/limit.options.js';

const nextTo = (values: Partial<Config>): Config => configOf(Config, values);

async function problemsOf(live: LiveConfig, values: Partial<Config>): Promise<readonly string[]> {
  const outcome = await live.change(nextTo(values)).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(ConfigError);
  return (outcome as ConfigError).problems;
}

describe('LiveConfig', () => {
  it('assigns new values to the objects that others have', async () => {
    const live = new LiveConfig(new Config());
    const limits = live.section(LimitOptions) as LimitOptions;
    const config = live.current;
    expect(await live.change(nextTo({ maxConnections: 7, cors: ['https://a.example'] }))).toEqual([
      'cors',
      'maxConnections',
    ]);
    expect([limits.maxConnections, config.maxConnections, config.cors]).toEqual([7, 7, ['https://a.example']]);
    expect(live.section(LimitOptions)).toBe(limits);
    // A default again.
    expect(await live.change(nextTo({}))).toEqual(['cors', 'maxConnections']);
    expect(limits.maxConnections).toBe(new LimitOptions().maxConnections);
  });

  it('takes a default and the same value of a source as equal', async () => {
    const live = new LiveConfig(new Config());
    expect(await live.change(nextTo({ auth: { mode: 'none' }, rooms: { create: 'anyone' }, realms: {} }))).toEqual([]);
  });

  it('refuses a change of other options, names all of them, and changes nothing', async () => {
    const live = new LiveConfig(new Config());
    expect(await problemsOf(live, { port: 1, redis: 'redis://secret@a', maxRooms: 1 })).toEqual([
      'port has changed, which needs a restart',
      'redis has changed, which needs a restart',
    ]);
    expect(live.current).toEqual(new Config());
  });

  it('lets the rules of realms change, but neither their doors nor their names', async () => {
    const live = new LiveConfig(nextTo({ realms: { auth: { connectorPath: '/a' } } }));
    const limits = { maxClients: 3 };
    expect(await live.change(nextTo({ realms: { auth: { connectorPath: '/a', limits } } }))).toEqual(['realms']);
    const problem = 'realms has changed in more than origins, auth, ice, limits, rooms, which needs a restart';
    expect(await problemsOf(live, { realms: { auth: { connectorPath: '/b', limits } } })).toEqual([problem]);
    expect(await problemsOf(live, { realms: { auth: { connectorPath: '/a', limits }, b: {} } })).toEqual([problem]);
    expect(await problemsOf(live, {})).toEqual([problem]);
  });

  it('prepares a change while the former values hold, and applies it after the new ones', async () => {
    const live = new LiveConfig(new Config());
    const seen: [string, number][] = [];
    live.onChange((next) => {
      seen.push(['prepare', live.current.maxRooms], ['next', next.maxRooms]);
      return { apply: () => seen.push(['apply', live.current.maxRooms]) };
    });
    await live.change(nextTo({ maxRooms: 5 }));
    expect(seen).toEqual([
      ['prepare', 100_000],
      ['next', 5],
      ['apply', 5],
    ]);
  });

  it('changes nothing if one class cannot use the configuration, and lets the others discard their part', async () => {
    const live = new LiveConfig(new Config());
    const [apply, discard] = [jest.fn(), jest.fn()];
    live.onChange(() => ({ apply, discard }));
    live.onChange(async () => Promise.reject(new ConfigError(['the key is missing'])));
    live.onChange(() => {
      throw new ConfigError(['the key is missing', 'another problem']);
    });
    expect(await problemsOf(live, { maxRooms: 5 })).toEqual(['the key is missing', 'another problem']);
    expect(live.current.maxRooms).toBe(100_000);
    expect([apply.mock.calls.length, discard.mock.calls.length]).toEqual([0, 1]);
  });

  it('throws an unexpected error as the cause', async () => {
    const live = new LiveConfig(new Config());
    live.onChange(() => {
      throw new TypeError('a defect');
    });
    await expect(live.change(nextTo({}))).rejects.toMatchObject({ cause: new TypeError('a defect') });
  });
});
