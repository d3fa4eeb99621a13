import { ClientDirectory } from '../../src/clients/client-directory.js';
import type { Config } from '../../src/config/config.js';
import { RoomStore } from '../../src/rooms/room-store.js';
import { OfflineQueue } from '../../src/signaling/offline-queue.js';
import { Connections } from '../../src/transport/connections.js';
import { until } from './peerjs-socket.js';
import { startServer, type TestServer } from './server.js';

/** Shared by the tests of a file that ask for nothing special, one after the other. */
let idle: TestServer | undefined;

afterAll(() => idle?.close());

/** As `startServer`, but what is closed may be used again, after all who are connected to it were sent away. */
export async function borrowServer(options: Partial<Config> = {}): Promise<TestServer> {
  if (Object.keys(options).length > 0) return startServer(options);
  const server = idle ?? (await startServer());
  idle = undefined;
  return { ...server, close: () => giveBack(server) };
}

async function giveBack(server: TestServer): Promise<void> {
  const connections = () => server.everywhere(Connections).flatMap((its) => [...its]);
  for (const connection of connections()) connection.end('removed');
  const find = <T>(type: abstract new (...args: never[]) => T): T => server.app.get<T>(type, { strict: false });
  await until(async () => connections().length + (await find(ClientDirectory).count()) === 0);
  const left = (await find(RoomStore).count()) + (await find(OfflineQueue).count());
  if (left > 0 || idle) await server.close();
  else idle = server;
}
