import { fstatSync, write as writeToFile, writeSync } from 'node:fs';

const STDOUT = 1;
const LINE_FEED = 10;

/** Lines are gathered for this time, because one write costs about as much as formatting many lines. */
const GATHERED_LENGTH = 16_000;
const GATHERED_MS = 100;

/** Maximum length of the text waiting to be written. Lines beyond it are dropped. */
const MAX_WAITING_LENGTH = 4 * 1_048_576;

/** A write to a file or terminal counts as stuck after this time. */
const STUCK_MS = 2000;

type WriteChunk = (chunk: Buffer, done: (error?: NodeJS.ErrnoException | null, written?: number) => void) => void;

/**
 * Writes log lines to standard output without ever blocking the server. Lines that cannot be written are dropped and
 * counted, with one message on standard error. Logging resumes as soon as there is room again.
 */
export class StandardOutput {
  /** Number of lines dropped since the start. */
  dropped = 0;
  /** Called when lines can be written again, with the number of lines dropped. */
  onRecovery?: (lost: number) => void;

  private gathered = '';
  private gatheredLines = 0;
  private timer?: NodeJS.Timeout;
  /** Start of the pending write, as `performance.now()`. */
  private writingSince?: number;
  /** Whether the last line in the output is incomplete. */
  private isTorn = false;
  /** Number of lines dropped since the last recovery. */
  private lost = 0;
  private hasComplained = false;
  private onIdle?: () => void;
  private readonly isPipe: boolean;
  private readonly writeChunk: WriteChunk;

  constructor() {
    const stat = fstatSync(STDOUT);
    this.isPipe = stat.isFIFO() || stat.isSocket();
    // Each write reports its own error. Without a listener, a closed pipe or a full disk would end the process.
    for (const stream of [process.stdout, process.stderr]) {
      if (!stream.listeners('error').includes(ignoreError)) stream.on('error', ignoreError);
    }
    this.writeChunk = this.isPipe ? writeToPipe : (chunk, done) => writeToFile(STDOUT, chunk, done);
  }

  /** Whether a write is stuck, which would keep the process from exiting. */
  get isStuck(): boolean {
    return !this.isPipe && this.writingSince !== undefined && performance.now() - this.writingSince > STUCK_MS;
  }

  /** Queues one line, including its line break. */
  write(line: string): void {
    if (this.gathered.length + line.length > MAX_WAITING_LENGTH) {
      this.drop(1, 'its reader is too slow');
      return;
    }
    if (this.gathered === '') process.on('exit', this.flushAtExit);
    this.gathered += line;
    this.gatheredLines++;
    this.flushSoon();
  }

  /** Resolves when all lines are written or dropped, but after `timeoutMs` at the latest. */
  async flushed(timeoutMs: number): Promise<void> {
    this.flush();
    if (this.writingSince === undefined) return;
    await new Promise<void>((resolve) => {
      this.onIdle = resolve;
      setTimeout(resolve, timeoutMs);
    });
  }

  /** Writes at once if many lines are gathered, otherwise after `GATHERED_MS`. */
  private flushSoon(): void {
    if (this.gathered.length >= GATHERED_LENGTH) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), GATHERED_MS).unref();
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.writingSince !== undefined || this.gathered === '') return;
    this.writingSince = performance.now();
    this.writeOut(...this.take());
  }

  private take(): [chunk: Buffer, lines: number] {
    process.off('exit', this.flushAtExit);
    const taken: [Buffer, number] = [Buffer.from((this.isTorn ? '\n' : '') + this.gathered), this.gatheredLines];
    this.gathered = '';
    this.gatheredLines = 0;
    return taken;
  }

  private writeOut(chunk: Buffer, lines: number): void {
    this.writeChunk(chunk, (error, written = chunk.length) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.writeOut(chunk, lines), GATHERED_MS).unref();
        return;
      }
      if (!error) this.isTorn = chunk[written - 1] !== LINE_FEED;
      if (!error && written < chunk.length) {
        this.writeOut(chunk.subarray(written), lines);
        return;
      }
      this.writingSince = undefined;
      if (error) this.drop(lines, error.message);
      else if (this.lost > 0) this.recover();
      // The server is stopping: waiting for more lines would delay `flushed`.
      if (this.onIdle) this.flush();
      else if (this.gathered !== '') this.flushSoon();
      if (!this.isWriting()) this.onIdle?.();
    });
  }

  private isWriting(): boolean {
    return this.writingSince !== undefined;
  }

  private recover(): void {
    const { lost } = this;
    this.lost = 0;
    this.onRecovery?.(lost);
  }

  private drop(lines: number, reason: string): void {
    this.dropped += lines;
    this.lost += lines;
    if (this.hasComplained) return;
    this.hasComplained = true;
    process.stderr.write(`signalbox: log lines are dropped, standard output cannot be written: ${reason}\n`);
  }

  /** Writes the last lines synchronously when the process exits. A full pipe or disk loses them. */
  private readonly flushAtExit = (): void => {
    if (this.writingSince !== undefined) return;
    let [chunk] = this.take();
    try {
      while (chunk.length > 0) chunk = chunk.subarray(writeSync(STDOUT, chunk));
    } catch {
      // The process exits: there is no retry, and nowhere to report this.
    }
  };
}

/** Writes to a pipe without blocking a thread of the pool, because exit() would wait for it. */
function writeToPipe(chunk: Buffer, done: (error?: Error | null) => void): void {
  process.stdout.write(chunk, (error) => done(error));
}

function ignoreError(): void {
  // The callback of the write reports the error.
}
