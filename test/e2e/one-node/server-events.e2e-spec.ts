import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';
import { SERVER_EVENTS, type ServerEventName, ServerEvents } from '../../../src/common/server-events.js';
import { Log } from '../../../src/logging/log.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { until } from '../../support/peerjs-socket.js';
import { startServer, type TestServer } from '../../support/server.js';

const APPLICATION = fileURLToPath(new URL('../../support/failing-listeners.mjs', import.meta.url));

interface Complaint {
  readonly event: ServerEventName;
  readonly err: unknown;
}

const failures: readonly [string, () => unknown][] = [
  [
    'throws',
    () => {
      throw new Error('broken');
    },
  ],
  ['rejects', () => Promise.reject(new Error('broken'))],
  // A thenable, as from libraries with their own promises.
  [
    'returns what is like a promise and rejects',
    () => ({ then: (_: unknown, no: (e: Error) => void) => no(new Error('broken')) }),
  ],
];

describe('a listener of ServerEvents that', () => {
  let server: TestServer;
  let events: ServerEvents;
  let complaints: Complaint[];

  beforeEach(async () => {
    server = await startServer();
    events = server.app.get(ServerEvents, { strict: false });
    complaints = [];
    const { logger } = server.app.get(Log, { strict: false });
    jest.spyOn(logger, 'error').mockImplementation((...args: unknown[]) => void complaints.push(args[0] as Complaint));
  });

  afterEach(async () => {
    await ConnectorClient.closeAll();
    await server.close();
    jest.restoreAllMocks();
  });

  it.each(failures)('%s is logged with the name of its event, without affecting other listeners', async (_, fail) => {
    const heard: ServerEventName[] = [];
    for (const name of SERVER_EVENTS) {
      events.on(name, fail);
      events.on(name, () => void heard.push(name));
    }
    const [ann, bob] = await ConnectorClient.connectMany(2, server.wsUrl);
    expect(await ann.ask({ event: 'Create_Room', data: { room: 'a' } })).toMatchObject({ event: 'Room_Created' });
    ann.send({ event: 'Message', to: bob.id, data: 1 });
    expect(await bob.next()).toMatchObject({ from: ann.id, data: 1 });
    await ann.close();
    await until(() => heard.includes('clientDisconnected') && heard.includes('roomEnded'));
    await until(() => complaints.length === heard.length);
    expect(complaints.map(({ event }) => event).sort()).toEqual([...heard].sort());
    expect(complaints.map(({ err }) => (err as Error).message)).toEqual(heard.map(() => 'broken'));
  });
});

describe('a process with ServerEvents listeners that throw and reject', () => {
  it('logs each error and keeps running', async () => {
    const child = fork(APPLICATION, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    try {
      const errors: string[] = [];
      createInterface({ input: child.stdout! }).on('line', (line) => {
        const { level, event, err } = JSON.parse(line) as { level: number; event?: string; err?: { message: string } };
        if (level >= 50) errors.push(`${event} ${err?.message}`);
      });
      const [port] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [number];
      const ids: string[] = [];
      for (let i = 0; i < 3; i++) ids.push((await ConnectorClient.connect(`ws://127.0.0.1:${port}`)).id);
      await until(() => errors.length === 6);
      expect(errors.sort()).toEqual(
        ids.flatMap((id) => [`clientConnected at once: ${id}`, `clientConnected late: ${id}`]).sort(),
      );
      expect(child.exitCode).toBeNull();
    } finally {
      await ConnectorClient.closeAll();
      child.kill('SIGKILL');
    }
  });
});
