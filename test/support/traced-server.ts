import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../src/config/config.js';
import { becomes } from './becomes.js';
import { configFile } from './config-file.js';
import { ProcessServer } from './process-server.js';
import { atTeardown } from './teardown.js';

const SDK = new URL('./tracing-sdk.mjs', import.meta.url).href;

/** A span as `tracing-sdk.mjs` writes it. */
export interface RecordedSpan {
  readonly name: string;
  /** 0: internal, 1: server, 2: client. */
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** 0: unset, 2: error. */
  readonly status: number;
  readonly duration: readonly [seconds: number, nanoseconds: number];
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId?: string;
}

/** The built server with an OpenTelemetry SDK, which is killed after the test. */
export class TracedServer {
  private constructor(
    readonly process: ProcessServer,
    private readonly file: string,
  ) {}

  static async start(options: Partial<Config> = {}): Promise<TracedServer> {
    const dir = await mkdtemp(join(tmpdir(), 'signalbox-spans-'));
    const file = join(dir, 'spans.jsonl');
    const flags = ['--config', await configFile({ nodeName: 'node-1', ...options })];
    await writeFile(file, '');
    const server = await ProcessServer.start(flags, { SPANS_FILE: file, NODE_OPTIONS: `--import=${SDK}` });
    atTeardown(async () => {
      await server.stop('SIGKILL');
      await rm(dir, { recursive: true });
    });
    return new TracedServer(server, file);
  }

  /** All that has been recorded, as text. */
  text(): Promise<string> {
    return readFile(this.file, 'utf8');
  }

  /** Returns the spans of this name that have ended. */
  async spans(name: string): Promise<RecordedSpan[]> {
    const lines = (await this.text()).split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as RecordedSpan).filter((span) => span.name === name);
  }

  /** Waits for a number of spans of this name. */
  async wait(name: string, count = 1): Promise<RecordedSpan[]> {
    await becomes(async () => (await this.spans(name)).length, count);
    return this.spans(name);
  }
}
