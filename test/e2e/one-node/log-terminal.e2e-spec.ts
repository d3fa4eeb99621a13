import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AdminApi, OPERATE_TOKEN } from '../../support/admin-api.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { until } from '../../support/peerjs-socket.js';
import { freePort } from '../../support/ports.js';
import { atTeardown } from '../../support/teardown.js';

const ROOT = join(import.meta.dirname, '../../..');
const MAIN = join(ROOT, 'dist/main.js');
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
const BANNER_ROWS = 6;

/** The server at a terminal. */
interface Terminal {
  readonly port: number;
  /** Returns the lines so far, without colours. */
  readonly lines: () => string[];
  /** Sends the server Ctrl+C. Resolves once it has exited. */
  readonly interrupt: () => Promise<void>;
}

/** Starts the server at a terminal of `script`, and waits until it answers. */
async function start(...flags: string[]): Promise<Terminal> {
  const port = await freePort();
  const words = [process.execPath, MAIN, '--host', '127.0.0.1', '--port', String(port), ...flags];
  const child = spawn('script', ['-qefc', words.map((word) => `'${word}'`).join(' '), '/dev/null'], {
    env: { ...process.env, TERM: 'xterm', NODE_ENV: 'production' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  // `script` ends the server with it. If it is killed, the server stays.
  atTeardown(() => child.kill('SIGTERM'));
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  // eslint-disable-next-line no-control-regex
  const lines = (): string[] => text.replaceAll(/\x1b\[\d+m/g, '').split('\r\n').slice(0, -1); // prettier-ignore
  await until(() => answers(port));
  const interrupt = async (): Promise<void> => {
    const exited = once(child, 'exit');
    child.stdin.write('\x03');
    await exited;
  };
  return { port, lines, interrupt };
}

async function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/health/live`).then(
    ({ ok }) => ok,
    () => false,
  );
}

it('greets with six lines: version, protocols, demo, docs, console, and that the admin API is off', async () => {
  const { port, lines } = await start();
  const at = `127.0.0.1:${port}`;
  await until(() => lines().length >= BANNER_ROWS);
  expect(lines()).toEqual([
    `Signalbox ${version}`,
    `Clients   ws://${at}/ (Peer2Peer Connector), ws://${at}/peerjs (PeerJS), http://${at}/socket.io (EasyRTC)`,
    `Demo      http://${at}/demo`,
    `API docs  http://${at}/docs`,
    `Console   http://${at}/console`,
    'Admin API off, because adminTokens is empty',
  ]);
});

it('greets with the configured paths and ports, and with what is off', async () => {
  const adminPort = await freePort();
  const paths = ['--base-path', '/x', '--path', 'peers/', '--connector-path', '/ws', '--socket-io-path', '/io'];
  const admin = ['--admin-port', String(adminPort), '--admin-tokens', `olga:operate:${OPERATE_TOKEN}`];
  const { port, lines } = await start(...paths, ...admin, '--no-demo', '--no-docs');
  const at = `127.0.0.1:${port}/x`;
  const rows = (): string[] => lines().filter((line) => !line.startsWith('['));
  await until(() => rows().length >= BANNER_ROWS);
  expect(rows()).toEqual([
    `Signalbox ${version}`,
    `Clients   ws://${at}/ws (Peer2Peer Connector), ws://${at}/peers/peerjs (PeerJS), http://${at}/io (EasyRTC)`,
    'Demo      off',
    'API docs  off',
    `Console   http://127.0.0.1:${adminPort}/x/console`,
    `Admin API on, at http://127.0.0.1:${adminPort}/x/admin/v1`,
  ]);
  expect(lines().join()).not.toContain(OPERATE_TOKEN);
  expect((await new AdminApi(`http://127.0.0.1:${adminPort}/x`, OPERATE_TOKEN).get('stats')).status).toBe(200);
});

it('shows one line for each event, and "stopped" as the last one', async () => {
  const { port, lines, interrupt } = await start('--node-name', 'one');
  const client = await ConnectorClient.connect(`ws://127.0.0.1:${port}`);
  client.socket.close();
  await until(() => lines().some((line) => line.includes('disconnected')));
  await interrupt();
  const events = lines()
    .slice(BANNER_ROWS)
    .map((line) => line.replace('^C', ''));
  expect(events).toEqual([
    expect.stringMatching(/^\[[\d:.]+\] INFO: connected protocol=peer2peer-connector client=\S+ realm=default address=127\.0\.0\.1 node=one$/), // prettier-ignore
    expect.stringMatching(/^\[[\d:.]+\] INFO: disconnected protocol=\S+ client=\S+ realm=default address=127\.0\.0\.1 node=one reason="closed by client" durationMs=\d+$/), // prettier-ignore
    expect.stringMatching(/^\[[\d:.]+\] INFO: stopped signal=SIGINT how=drained uptimeSeconds=\d+$/),
  ]);
});

it('writes nothing at a level above', async () => {
  const { lines, interrupt } = await start('--log-level', 'warn');
  await interrupt();
  expect(lines().filter((line) => line !== '^C')).toEqual([]);
});
