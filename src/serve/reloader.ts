import type { Config } from '../config/config.js';
import type { LiveConfig } from '../config/live-config.js';
import { ConfigError, type LoadedConfig } from '../config/load-config.js';
import { WatchedFiles } from '../config/watched-files.js';
import type { Logger } from '../logging/logger.js';

/** Reads the configuration again at SIGHUP, and when its file or a file that it names changes. */
export class Reloader {
  private readonly watched = new WatchedFiles(() => this.reload('file'));
  private last: Promise<void> = Promise.resolve();
  /** Whether a reload waits for the one before it. It will read what has changed until it begins. */
  private isWaiting = false;

  /**
   * @param load reads the configuration from the sources that the server has started with
   */
  constructor(
    private readonly live: LiveConfig,
    private readonly load: () => LoadedConfig<Config>,
    private readonly logger: Logger,
  ) {}

  /**
   * Listens for SIGHUP and watches the files until the process ends.
   * @param files those of the configuration that the server has started with
   */
  start(files: readonly string[]): void {
    process.on('SIGHUP', () => this.reload('SIGHUP'));
    this.watched.watch(files);
  }

  /** Starts after the reload before it, because it compares with what that one has changed. */
  private reload(cause: string): void {
    if (this.isWaiting) return;
    this.isWaiting = true;
    this.last = this.last.then(async () => {
      this.isWaiting = false;
      try {
        const { config, origins, files } = this.load();
        const changed = await this.live.change(config, origins);
        this.watched.watch(files);
        this.logger.info({ cause, changed }, 'reloaded');
      } catch (error) {
        this.refuse(cause, error);
      }
    });
  }

  private refuse(cause: string, error: unknown): void {
    const fields = error instanceof ConfigError ? { problems: error.problems } : { err: error };
    this.logger.error({ cause, ...fields }, 'reload refused, nothing has changed');
  }
}
