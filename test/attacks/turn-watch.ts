import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../support/peerjs-socket.js';
import { atTeardown } from '../support/teardown.js';

const PRELOADED = fileURLToPath(new URL('turn-watch.mjs', import.meta.url));

/** Measures the longest event-loop turns of a server in a process of its own. */
export class TurnWatch {
  private readonly folder = mkdtempSync(join(tmpdir(), 'turns-'));
  private readonly prefix = join(this.folder, 'turn');
  private reports = 0;

  constructor() {
    atTeardown(() => rm(this.folder, { recursive: true }));
  }

  /** The environment that the server needs. */
  get env(): NodeJS.ProcessEnv {
    return { NODE_OPTIONS: `--import=${PRELOADED}`, TURN_FILES: this.prefix };
  }

  /** Resolves with the longest turn of the server since the last call, in milliseconds. */
  async longestMs(pid: number): Promise<number> {
    const file = `${this.prefix}.${++this.reports}`;
    process.kill(pid, 'SIGUSR2');
    await until(() => existsSync(file));
    return Number(readFileSync(file, 'utf8'));
  }
}
