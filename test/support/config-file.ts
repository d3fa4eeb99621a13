import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../src/config/config.js';
import { atTeardown } from './teardown.js';

/** Writes options to a file for `--config`, which is removed after the test. Returns its path. */
export async function configFile(options: Partial<Config>): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'signalbox-config-'));
  atTeardown(() => rm(dir, { recursive: true }));
  const path = join(dir, 'signalbox.json');
  await writeFile(path, JSON.stringify(options));
  return path;
}
