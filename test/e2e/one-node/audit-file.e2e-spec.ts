import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AdminApi, OPERATE_TOKEN } from '../../support/admin-api.js';
import { until } from '../../support/peerjs-socket.js';
import { freePort } from '../../support/ports.js';
import { ProcessServer } from '../../support/process-server.js';
import { atTeardown } from '../../support/teardown.js';

const ENV = { SIGNALBOX_ADMIN_TOKENS: `olga:operate:${OPERATE_TOKEN}` };

afterEach(() => ProcessServer.killAll());

interface AuditLine {
  readonly admin: string;
  readonly path: string;
  readonly status: number;
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'signalbox-audit-'));
  atTeardown(() => rmSync(path, { recursive: true }));
  return path;
}

function linesIn(file: string): AuditLine[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => JSON.parse(line) as AuditLine);
}

async function createRoom(server: Pick<ProcessServer, 'url'>, id: string): Promise<void> {
  const { status } = await new AdminApi(server.url, OPERATE_TOKEN).post('rooms', { id });
  expect(status).toBe(201);
}

const lineFor = (status: number): object => ({ level: 30, audit: true, admin: 'olga', method: 'POST', path: '/admin/v1/rooms', status, msg: 'admin' }); // prettier-ignore

it('is written before the answer leaves, so that a crash right after it loses no line', async () => {
  const server = await ProcessServer.start([], ENV);
  for (let i = 0; i < 5; i++) await createRoom(server, `room-${i}`);
  await server.stop('SIGKILL');
  const lines = server.lines.filter(({ audit }) => audit === true);
  expect(lines).toHaveLength(5);
  expect(lines[4]).toMatchObject(lineFor(201));
});

it('is written at every level of the log but silent', async () => {
  const port = await freePort();
  const server = ProcessServer.spawn(['--log-level', 'fatal', '--port', String(port)], ENV);
  const url = `http://127.0.0.1:${port}`;
  const isUp = () => fetch(`${url}/health/live`).then(({ ok }) => ok, () => false); // prettier-ignore
  await until(isUp);
  await createRoom({ url }, 'one');
  await server.stop('SIGKILL');
  expect(server.lines).toMatchObject([lineFor(201)]);
});

describe('auditFile', () => {
  it('takes the audit lines in place of the log, at once, and for its owner alone', async () => {
    const file = join(folder(), 'audit.log');
    const server = await ProcessServer.start(['--audit-file', file], ENV);
    await createRoom(server, 'one');
    await server.stop('SIGKILL');
    expect(linesIn(file)).toMatchObject([lineFor(201)]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(server.lines.filter(({ audit }) => audit === true)).toEqual([]);
  });

  it('is created anew when it has been moved away, as logrotate does', async () => {
    const file = join(folder(), 'audit.log');
    const server = await ProcessServer.start(['--audit-file', file], ENV);
    await createRoom(server, 'one');
    renameSync(file, `${file}.1`);
    await createRoom(server, 'two');
    expect(linesIn(`${file}.1`)).toHaveLength(1);
    expect(linesIn(file)).toHaveLength(1);
  });

  it('is appended to after a restart', async () => {
    const file = join(folder(), 'audit.log');
    for (let i = 1; i <= 2; i++) {
      const server = await ProcessServer.start(['--audit-file', file], ENV);
      await createRoom(server, 'one');
      await server.stop();
      expect(linesIn(file)).toHaveLength(i);
    }
  });

  it('that can no longer be written leaves its lines to the log, with an error', async () => {
    const path = folder();
    const inner = mkdtempSync(join(path, 'inner-'));
    const file = join(inner, 'audit.log');
    const server = await ProcessServer.start(['--audit-file', file], ENV);
    rmSync(inner, { recursive: true });
    await createRoom(server, 'one');
    await server.stop('SIGKILL');
    expect(server.lines.filter(({ audit }) => audit === true)).toMatchObject([lineFor(201)]);
    expect(await server.line('the audit file cannot be written')).toMatchObject({ level: 50, file });
  });

  it.each([
    ['a folder', () => folder()],
    ['a file in a folder that does not exist', () => join(folder(), 'nothing', 'audit.log')],
  ])('is rejected at the start: %s', async (_, path) => {
    const file = path();
    const server = ProcessServer.spawn(['--audit-file', file]);
    expect((await server.exit).code).toBe(2);
    expect(server.errors).toBe(
      `signalbox: auditFile (flag --audit-file) must be the path of a file that can be written, got '${file}'\n`,
    );
    expect(existsSync(join(file, 'audit.log'))).toBe(false);
  });
});
