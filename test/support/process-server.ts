import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** Flags override these. */
const DEFAULTS = { SIGNALBOX_HOST: '127.0.0.1', SIGNALBOX_PORT: '0', SIGNALBOX_LOG_FORMAT: 'json' };

/** A line of the server's JSON log. */
export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [member: string]: unknown;
}

export interface ProcessExit {
  readonly code: number | null;
  /** Signal that killed it, or null after a regular exit. */
  readonly signal: NodeJS.Signals | null;
  /** Milliseconds since the first `stop`, or since its start without one. */
  readonly ms: number;
}

interface LineWaiter {
  readonly message: string;
  readonly resolve: (line: LogLine) => void;
  readonly reject: (error: Error) => void;
}

/** The built server in a process of its own, on a free local port. */
export class ProcessServer {
  private static readonly running = new Set<ProcessServer>();

  /** Log lines so far. */
  readonly lines: LogLine[] = [];
  readonly exit: Promise<ProcessExit>;

  private readonly child: ChildProcessByStdio<null, Readable, Readable>;
  private readonly waiters = new Set<LineWaiter>();
  private countedFrom = performance.now();
  private stopped = false;
  private errorText = '';
  private listeningPort = 0;

  private constructor(flags: readonly string[], env: NodeJS.ProcessEnv, wrapper: readonly string[], main = MAIN) {
    const [program, ...rest] = [...wrapper, process.execPath, main, ...flags];
    this.child = spawn(program, rest, {
      env: { ...withoutOptions(process.env), ...DEFAULTS, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stderr.on('data', (chunk: Buffer) => (this.errorText += chunk.toString()));
    createInterface({ input: this.child.stdout }).on('line', (line) => this.logged(JSON.parse(line) as LogLine));
    ProcessServer.running.add(this);
    this.exit = new Promise((resolve) => {
      // Unlike `exit`, `close` follows all output.
      this.child.on('close', (code, signal) => {
        ProcessServer.running.delete(this);
        for (const { message, reject } of this.waiters) {
          reject(new Error(`ended with ${code ?? signal} before it logged "${message}"; ${this.errorText}`));
        }
        resolve({ code, signal, ms: performance.now() - this.countedFrom });
      });
    });
  }

  /**
   * Starts the server without waiting for it to listen.
   * @param wrapper a program that executes the server, with its arguments
   */
  static spawn(
    flags: readonly string[] = [],
    env: NodeJS.ProcessEnv = {},
    wrapper: readonly string[] = [],
  ): ProcessServer {
    return new ProcessServer(flags, env, wrapper);
  }

  /**
   * Resolves as soon as the server listens. Rejects if it exits before.
   * @param main the program, for another build of the server
   */
  static async start(
    flags: readonly string[] = [],
    env: NodeJS.ProcessEnv = {},
    wrapper: readonly string[] = [],
    main?: string,
  ): Promise<ProcessServer> {
    const server = new ProcessServer(flags, env, wrapper, main);
    const { port } = await server.line('listening');
    server.listeningPort = Number(port);
    return server;
  }

  /** Kills all remaining servers: for `afterEach`. */
  static async killAll(): Promise<void> {
    for (const { child } of ProcessServer.running) child.kill('SIGKILL');
    await Promise.all([...ProcessServer.running].map(({ exit }) => exit));
  }

  get pid(): number {
    return this.child.pid!;
  }

  get port(): number {
    return this.listeningPort;
  }

  /** `http://127.0.0.1:PORT` */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** `ws://127.0.0.1:PORT` */
  get wsUrl(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  /** Text on standard error so far. */
  get errors(): string {
    return this.errorText;
  }

  /** Returns the first log line with this message, or waits for one. */
  async line(message: string): Promise<LogLine> {
    const line = this.lines.find(({ msg }) => msg === message);
    if (line) return line;
    return new Promise((resolve, reject) => this.waiters.add({ message, resolve, reject }));
  }

  /** Sends a signal. Resolves with the exit. */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<ProcessExit> {
    if (!this.stopped) this.countedFrom = performance.now();
    this.stopped = true;
    this.child.kill(signal);
    return this.exit;
  }

  private logged(line: LogLine): void {
    this.lines.push(line);
    for (const waiter of this.waiters) {
      if (waiter.message !== line.msg) continue;
      this.waiters.delete(waiter);
      waiter.resolve(line);
    }
  }
}

/** Returns the environment without options of the server. */
function withoutOptions(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name !== 'PORT' && !name.startsWith('SIGNALBOX_')));
}
