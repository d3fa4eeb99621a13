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
  /** Whether a gathered line must be written as soon as the pending write has ended. */
  private isUrgent = false;
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

  /**
   * Writes one line, behind those that are gathered, before it returns. If the output is full, the line is written as
   * soon as there is room.
   */
  writeAtOnce(line: string): void {
    if (this.writingSince !== undefined) {
      // Writes to a file do not wait for one another. Node writes to a pipe in the order of the calls.
      if (!this.isPipe && restOf(Buffer.from(line)).length === 0) return;
      this.write(line);
      this.isUrgent = true;
      return;
    }
    this.write(line);
    // If a pipe has room, Node writes to it before `write` returns.
    if (this.isPipe) this.flush();
    else this.flushSynchronously();
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
    this.isUrgent = false;
    if (this.writingSince !== undefined || this.gathered === '') return;
    this.writingSince = performance.now();
    this.writeOut(...this.take());
  }

  private flushSynchronously(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const [chunk, lines] = this.take();
    const rest = restOf(chunk);
    this.isTorn &&= rest.length === chunk.length;
    if (rest.length === 0) return;
    // Tries once more, and reports why it cannot be written.
    this.writingSince = performance.now();
    this.writeOut(rest, lines);
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
      if (this.onIdle || this.isUrgent) this.flush();
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
    // The process exits: there is no retry, and nowhere to report a failure.
    restOf(this.take()[0]);
  };
}

/** Writes synchronously, and returns what cannot be written. */
function restOf(chunk: Buffer): Buffer {
  let rest = chunk;
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(STDOUT, rest));
  } catch {
    // The output is full, or cannot be written at all. The caller has the rest.
  }
  return rest;
}

/** Writes to a pipe without blocking a thread of the pool, because exit() would wait for it. */
function writeToPipe(chunk: Buffer, done: (error?: Error | null) => void): void {
  process.stdout.write(chunk, (error) => done(error));
}

function ignoreError(): void {
  // The callback of the write reports the error.
}
