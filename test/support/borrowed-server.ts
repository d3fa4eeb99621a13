import { inspect } from 'node:util';
import { ClientDirectory } from '../../src/clients/client-directory.js';
import type { Config } from '../../src/config/config.js';
import { RoomStore } from '../../src/rooms/room-store.js';
import { OfflineQueue } from '../../src/signaling/offline-queue.js';
import { Connections } from '../../src/transport/lifecycle/connections.js';
import { until } from './peerjs-socket.js';
import { launchServer, type TestServer } from './server.js';
import { atTeardown } from './teardown.js';

/** Idle servers by their options. */
const idle = new Map<string, TestServer>();

afterAll(() => Promise.all([...idle.values()].map((server) => server.close())));

/**
 * As `launchServer`, but the tests of a file with the same options share a server, one after the other: closing it
 * disconnects its clients and keeps it for the next test.
 */
export async function borrowServer(options: Partial<Config> = {}): Promise<TestServer> {
  const key = inspect(options, { depth: null });
  const server = idle.get(key) ?? (await launchServer(options));
  idle.delete(key);
  let returned: Promise<void> | undefined;
  const borrowed = { ...server, close: () => (returned ??= giveBack(key, server)) };
  atTeardown(borrowed.close);
  return borrowed;
}

async function giveBack(key: string, server: TestServer): Promise<void> {
  const connections = () => server.everywhere(Connections).flatMap((its) => [...its]);
  for (const connection of connections()) connection.end('removed');
  const find = <T>(type: abstract new (...args: never[]) => T): T => server.app.get<T>(type, { strict: false });
  await until(async () => connections().length + (await find(ClientDirectory).count()) === 0);
  const left = (await find(RoomStore).count()) + (await find(OfflineQueue).count());
  if (left > 0 || idle.has(key)) await server.close();
  else idle.set(key, server);
}
