import { jest } from '@jest/globals';
import { ClientDirectory } from '../../src/clients/client-directory.js';
import { Config } from '../../src/config/config.js';
import { Counters } from '../../src/counters/counters.js';
import { EasyRtcHooks } from '../../src/index.js';
import { Log } from '../../src/logging/log.js';
import { RoomStore } from '../../src/rooms/room-store.js';
import type { EasyRtcClient } from './easyrtc-client.js';
import { startServer, type TestServer } from './server.js';

/** A test server with a view of its internal state. */
export interface HookedServer extends TestServer {
  /** Log calls on level error and above. */
  readonly complaints: readonly unknown[][];
  /** Returns the sorted ids of clients and, after a `#`, of rooms that the server knows. */
  known(): Promise<string[]>;
  /** Returns the number of connections that have ended and are cleaned up. */
  ended(): number;
}

/** Starts the server with these methods in place of those of EasyRtcHooks. */
export async function startWithHooks(
  hooks: Partial<EasyRtcHooks> = {},
  options: Partial<Config> = {},
): Promise<HookedServer> {
  const server = await startServer(options, [
    {
      provide: EasyRtcHooks,
      inject: [Config],
      useFactory: (config: Config) => Object.assign(new EasyRtcHooks(config), hooks),
    },
  ]);
  const find = <T>(type: abstract new (...args: never[]) => T): T => server.app.get<T>(type, { strict: false });
  const complaints: unknown[][] = [];
  for (const { logger } of server.everywhere(Log)) {
    for (const level of ['error', 'fatal'] as const) {
      jest.spyOn(logger, level).mockImplementation((...args: unknown[]) => void complaints.push(args));
    }
  }
  return {
    ...server,
    complaints,
    async known() {
      const clients = await find(ClientDirectory).list({ limit: 1000 });
      const rooms = await find(RoomStore).list({ limit: 1000 });
      return [...clients.items.map(({ id }) => id), ...rooms.items.map(({ id }) => `#${id}`)].sort();
    },
    ended() {
      const counts = server.everywhere(Counters).flatMap(({ endedConnections }) => [...endedConnections.entries()]);
      return counts.reduce((sum, [, count]) => sum + count, 0);
    },
  };
}

/** Blocks a caller until the test opens the gate. */
export class Gate {
  /** Resolves as soon as a caller waits at the gate. */
  readonly reached: Promise<void>;
  private arrive!: () => void;
  private letGo!: () => void;
  private readonly opened: Promise<void>;

  constructor() {
    this.reached = new Promise((resolve) => (this.arrive = resolve));
    this.opened = new Promise((resolve) => (this.letGo = resolve));
  }

  pass(): Promise<void> {
    this.arrive();
    return this.opened;
  }

  open(): void {
    this.letGo();
  }
}

interface Delta {
  readonly clientListDelta?: { readonly updateClient?: object; readonly removeClient?: object };
}

/**
 * Returns the clients that have joined a client's room and not left again, from the updates that it has not read yet.
 */
export async function newcomers(client: EasyRtcClient, room = 'default'): Promise<string[]> {
  const others = new Set<string>();
  for (const { msgData } of await client.rest()) {
    const { roomData = {} } = (msgData ?? {}) as { roomData?: Readonly<Record<string, Delta>> };
    const { updateClient = {}, removeClient = {} } = roomData[room]?.clientListDelta ?? {};
    for (const id of Object.keys(updateClient)) others.add(id);
    for (const id of Object.keys(removeClient)) others.delete(id);
  }
  return [...others];
}
