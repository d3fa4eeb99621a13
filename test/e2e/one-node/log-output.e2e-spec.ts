import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConnectorClient } from '../../support/connector-client.js';
import { until } from '../../support/peerjs-socket.js';
import { freePort } from '../../support/ports.js';
import { Metrics } from '../../support/prometheus-text.js';

const DIST = join(import.meta.dirname, '../../../dist');
const MAIN = join(DIST, 'main.js');

const folder = mkdtempSync(join(tmpdir(), 'signalbox-log-'));
const children = new Set<ChildProcess>();
const descriptors: number[] = [];

afterEach(async () => {
  await ConnectorClient.closeAll();
  for (const child of children) child.kill('SIGKILL');
  await until(() => children.size === 0);
  for (const descriptor of descriptors.splice(0)) closeSync(descriptor);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Run {
  readonly child: ChildProcess;
  readonly port: number;
  readonly errors: () => string;
}

function open(path: string, flags: number | string): number {
  const descriptor = openSync(path, flags);
  descriptors.push(descriptor);
  return descriptor;
}

/**
 * Starts the server with this standard output and waits until it answers. The `shell` commands run first, in its
 * process.
 */
async function run(
  format: string,
  stdout: number | 'pipe',
  { stderr = 'pipe', shell = ':' }: { stderr?: number | 'pipe'; shell?: string } = {},
): Promise<Run> {
  const port = await freePort();
  const flags = ['--host', '127.0.0.1', '--port', String(port), '--log-format', format];
  const child = spawn('bash', ['-c', `${shell}; exec "$@"`, 'bash', process.execPath, MAIN, ...flags], {
    stdio: ['ignore', stdout, stderr],
  });
  children.add(child);
  child.on('exit', () => children.delete(child));
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  child.stdout?.destroy();
  await until(() => answers(port));
  return { child, port, errors: () => errors };
}

async function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/health/live`).then(
    ({ status }) => status === 200,
    () => false,
  );
}

/** Connects and disconnects a client, which logs two lines. */
async function visit(port: number): Promise<void> {
  const client = await ConnectorClient.connect(`ws://127.0.0.1:${port}`);
  client.socket.close();
  await client.closed;
}

async function dropped(port: number): Promise<number> {
  return (await Metrics.of(`http://127.0.0.1:${port}`)).sum('signalbox_dropped_log_lines_total');
}

/** Stops the server while a client is connected. */
async function end({ child, port }: Run): Promise<unknown[]> {
  await ConnectorClient.connect(`ws://127.0.0.1:${port}`);
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  return exit;
}

describe.each(['json', 'pretty'])('a log as %s', (format) => {
  it.each([
    ['a full disk', () => open('/dev/full', 'w'), 'ENOSPC'],
    ['a closed pipe', () => 'pipe' as const, 'EPIPE'],
  ])('drops and counts lines on %s, reports it once, and keeps the server running', async (_, stdout, reason) => {
    const server = await run(format, stdout());
    const { port, errors } = server;
    await until(async () => (await dropped(port)) > 0);
    const before = await dropped(port);
    await visit(port);
    await until(async () => (await dropped(port)) >= before + 2);
    expect(await end(server)).toEqual([0, null]);
    expect(errors()).toMatch(
      new RegExp(`^signalbox: log lines are dropped, standard output cannot be written: .*${reason}.*\n$`),
    );
  });

  it('keeps the server running with standard output and standard error on a full disk', async () => {
    const full = open('/dev/full', 'w');
    const server = await run(format, full, { stderr: full });
    await until(async () => (await dropped(server.port)) > 0);
    await visit(server.port);
    expect(await end(server)).toEqual([0, null]);
  });

  it('keeps the server running on a full pipe without a reader', async () => {
    const fifo = join(folder, `fifo-${format}`);
    execFileSync('mkfifo', [fifo]);
    fill(open(fifo, constants.O_RDWR | constants.O_NONBLOCK));
    const server = await run(format, open(fifo, constants.O_WRONLY));
    for (let i = 0; i < 10; i++) await visit(server.port);
    expect(await end(server)).toEqual([0, null]);
    expect(server.errors()).toBe('');
  });
});

it('resumes logging with whole lines when there is space again', async () => {
  const file = join(folder, 'limited.log');
  const limitBytes = 8 * 1024;
  const server = await run('json', open(file, 'a'), { shell: 'ulimit -f 8' });
  const { port } = server;
  // Metrics are rendered once a second, so a single visit for each look would take long.
  while ((await dropped(port)) === 0) await Promise.all(Array.from({ length: 10 }, () => visit(port)));
  expect(readFileSync(file)).toHaveLength(limitBytes);
  truncateSync(file);
  await visit(port);
  await until(() => messagesOf(file).includes('log lines were dropped'));
  expect(await end(server)).toEqual([0, null]);
  expect(messagesOf(file).slice(-3)).toEqual(['draining', 'disconnected', 'stopped']);
  expect(server.errors()).toMatch(/^signalbox: log lines are dropped.*EFBIG.*\n$/);
});

it('writes many lines at once while lines keep arriving', () => {
  const line = `${'x'.repeat(99)}\n`;
  const count = 10_000;
  const file = join(folder, 'steady.log');
  const program = `
    const { readFileSync } = await import('node:fs');
    const { setImmediate: nextTurn } = await import('node:timers/promises');
    const { StandardOutput } = await import(${JSON.stringify(join(DIST, 'logging/standard-output.js'))});
    const writes = () => Number(/syscw: (\\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))[1]);
    const output = new StandardOutput();
    const before = writes();
    for (let i = 0; i < ${count}; i++) {
      output.write(${JSON.stringify(line)});
      await nextTurn();
    }
    await output.flushed(10_000);
    process.stderr.write(String(writes() - before));
    process.exit();
  `;
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', open(file, 'a'), 'pipe'],
    encoding: 'utf8',
  });
  expect(readFileSync(file, 'utf8')).toBe(line.repeat(count));
  expect(Number(stderr)).toBeLessThan(count / 10);
});

/** Returns the messages of a log of JSON lines. */
function messagesOf(file: string): string[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.filter((line) => line !== '').map((line) => (JSON.parse(line) as { msg: string }).msg);
}

function fill(pipe: number): void {
  const page = Buffer.alloc(4096, 'x');
  try {
    for (;;) writeSync(pipe, page);
  } catch (error) {
    expect(error).toHaveProperty('code', 'EAGAIN');
  }
}
