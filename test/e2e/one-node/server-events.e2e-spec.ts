import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';
import type { ServerEventType } from '../../../src/events/server-event.js';
import { ServerEvents } from '../../../src/events/server-events.js';
import { Log } from '../../../src/logging/log.js';
import { ConnectorClient } from '../../support/connector-client.js';
import { until } from '../../support/peerjs-socket.js';
import { startServer, type TestServer } from '../../support/server.js';

const APPLICATION = fileURLToPath(new URL('../../support/failing-listeners.mjs', import.meta.url));

interface Complaint {
  readonly event: ServerEventType;
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
    const heard: ServerEventType[] = [];
    events.on('*', fail);
    events.on('*', ({ type }) => void heard.push(type));
    const [ann, bob] = await ConnectorClient.connectMany(2, server.wsUrl);
    expect(await ann.ask({ event: 'Create_Room', data: { room: 'a' } })).toMatchObject({ event: 'Room_Created' });
    ann.send({ event: 'Message', to: bob.id, data: 1 });
    expect(await bob.next()).toMatchObject({ from: ann.id, data: 1 });
    await ann.close();
    await until(() => heard.includes('client.disconnected') && heard.includes('room.ended'));
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
        ids.flatMap((id) => [`client.connected at once: ${id}`, `client.connected late: ${id}`]).sort(),
      );
      expect(child.exitCode).toBeNull();
    } finally {
      await ConnectorClient.closeAll();
      child.kill('SIGKILL');
    }
  });
});
