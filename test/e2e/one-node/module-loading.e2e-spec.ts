import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Config, SignalboxStructure } from '../../../src/index.js';

const SCRIPT = join(import.meta.dirname, '../../support/loaded-packages.mjs');

/** Returns the packages that an application loads which embeds the built server with these options. */
async function packagesWith(structure: SignalboxStructure, values: Partial<Config> = {}): Promise<string[]> {
  const options = JSON.stringify({ structure, values: { logLevel: 'silent', ...values } });
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, options]);
  return JSON.parse(stdout) as string[];
}

/** What only some options need, and what no option of an application needs. */
const OPTIONAL = [
  'engine.io',
  'socket.io-parser',
  'open-easyrtc',
  'ioredis',
  '@nestjs/swagger',
  '@opentelemetry/api',
  'prom-client',
  'yaml',
  'libphonenumber-js',
  'validator',
];

describe('an application that embeds the server', () => {
  it('loads nothing that only other options need, without EasyRTC and Redis', async () => {
    const packages = await packagesWith({ protocols: { easyrtc: false } });
    expect(packages).toContain('@nestjs/core');
    expect(packages.filter((name) => OPTIONAL.includes(name))).toEqual([]);
  });

  it('loads engine.io for EasyRTC', async () => {
    const packages = await packagesWith({ protocols: ['easyrtc'] });
    expect(packages).toEqual(expect.arrayContaining(['engine.io', 'socket.io-parser']));
    expect(packages).not.toContain('ioredis');
  });

  it('loads ioredis for Redis', async () => {
    const packages = await packagesWith({ protocols: ['peerjs'] }, { redis: 'redis://127.0.0.1:1' });
    expect(packages).toContain('ioredis');
    expect(packages).not.toContain('engine.io');
  });
});
