import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { becomes } from './becomes.js';
import { type LogLine, ProcessServer } from './process-server.js';
import { atTeardown } from './teardown.js';

const CONFIG = 'signalbox.yaml';
export const RELOADED = 'reloaded';
export const REFUSED = 'reload refused, nothing has changed';

/** The files of a test. */
interface Folder {
  /** Writes a file and returns its path. */
  write(name: string, content: string): string;
}

/** The built server with a configuration file, stopped after the test. */
export class ReloadingServer implements Folder {
  private constructor(
    readonly server: ProcessServer,
    private readonly folder: Folder,
  ) {}

  /** @param config content of the configuration file, or a function that creates it beside further files */
  static async start(
    config: object | ((folder: Folder) => object),
    flags: readonly string[] = [],
    env: NodeJS.ProcessEnv = {},
  ): Promise<ReloadingServer> {
    const folder = createFolder();
    const file = folder.write(CONFIG, JSON.stringify(typeof config === 'function' ? config(folder) : config));
    const server = await ProcessServer.start(['--config', file, ...flags], env);
    atTeardown(() => server.stop('SIGKILL'));
    return new ReloadingServer(server, folder);
  }

  write(name: string, content: string): string {
    return this.folder.write(name, content);
  }

  configure(config: object | string): void {
    this.write(CONFIG, typeof config === 'string' ? config : JSON.stringify(config));
  }

  /** Sends SIGHUP. Resolves with the line about the reload. */
  async signal(): Promise<LogLine> {
    const reloads = (): LogLine[] => this.reloads('SIGHUP');
    const before = reloads().length;
    process.kill(this.server.pid, 'SIGHUP');
    await becomes(() => reloads().length > before, true);
    return reloads().at(-1)!;
  }

  /** Log lines about reloads. */
  reloads(cause: string): LogLine[] {
    return this.server.lines.filter((line) => [RELOADED, REFUSED].includes(line.msg) && line.cause === cause);
  }
}

function createFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'reload-'));
  atTeardown(() => {
    rmSync(path, { recursive: true });
  });
  return {
    write: (name, content) => {
      writeFileSync(join(path, name), content);
      return join(path, name);
    },
  };
}
