import { jest } from '@jest/globals';
import type { Config } from '../config/config.js';
import type { LiveConfig } from '../config/live-config.js';
import type { LoadedConfig } from '../config/load-config.js';
import type { Logger } from '../logging/logger.js';
import { Reloader } from './reloader.js';

describe('Reloader', () => {
  afterEach(() => {
    process.removeAllListeners('SIGHUP');
  });

  it('reads the files twice for a storm of signals during a reload: for the first one, and after the last one', async () => {
    let finish = (): void => undefined;
    const change = jest.fn(() => new Promise<readonly string[]>((resolve) => (finish = () => resolve([]))));
    const load = jest.fn(() => ({ config: {}, origins: new Map(), files: [] }) as unknown as LoadedConfig<Config>);
    const info = jest.fn();
    new Reloader({ change } as unknown as LiveConfig, load, { info } as unknown as Logger).start([]);
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    process.emit('SIGHUP', 'SIGHUP');
    await turn();
    for (let n = 0; n < 100; n++) process.emit('SIGHUP', 'SIGHUP');
    expect(load).toHaveBeenCalledTimes(1);
    for (let n = 0; n < 3; n++) {
      finish();
      await turn();
    }
    expect(load).toHaveBeenCalledTimes(2);
    expect(info).toHaveBeenCalledTimes(2);
  });
});
