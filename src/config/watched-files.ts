import { type StatsListener, unwatchFile, watchFile } from 'node:fs';

/** How often files are looked at. Unlike events of the file system, this sees symlinks that are swapped, and network mounts. */
const INTERVAL_MS = 1000;

/** A change is reported once nothing has changed for this time, so that a key and its certificate are replaced together. */
const SETTLED_MS = 1000;

/** Reports changes of files: new content, a replacement, and one that appears or disappears. */
export class WatchedFiles {
  private paths: ReadonlySet<string> = new Set();
  private timer?: NodeJS.Timeout;
  private readonly listener: StatsListener = (now, before) => {
    // Reading a file changes its access time alone.
    if (now.mtimeMs === before.mtimeMs && now.ino === before.ino && now.size === before.size) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(this.onChange, SETTLED_MS);
    this.timer.unref();
  };

  constructor(private readonly onChange: () => void) {}

  /** Watches these files, and no others. */
  watch(paths: Iterable<string>): void {
    const next = new Set(paths);
    for (const path of this.paths) if (!next.has(path)) unwatchFile(path, this.listener);
    for (const path of next) {
      if (!this.paths.has(path)) watchFile(path, { interval: INTERVAL_MS, persistent: false }, this.listener);
    }
    this.paths = next;
  }
}
