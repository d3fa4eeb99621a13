import { jest } from '@jest/globals';
import { ClientDirectory } from '../../src/clients/client-directory.js';
import { Config } from '../../src/config/config.js';
import { Counters } from '../../src/counters/counters.js';
import { EasyRtcHooks } from '../../src/index.js';
import { Log } from '../../src/logging/log.js';
import { RoomStore } from '../../src/rooms/room-store.js';
import type { EasyRtcClient } from './easyrtc-client.js';
import { startServer, type TestServer } from './server.js';

/** The server of a test, and what can be seen of it from within. */
export interface HookedServer extends TestServer {
  /** Calls of the log on level error and above. */
  readonly complaints: readonly unknown[][];
  /** Ids of the clients, and of the rooms behind a `#`, that the server knows; sorted. */
  known(): Promise<string[]>;
  /** How many connections have ended and were taken leave of. */
  ended(): number;
}

/** The server with these methods in place of those of EasyRtcHooks. */
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
  for (const { pino } of server.everywhere(Log)) {
    for (const level of ['error', 'fatal'] as const) {
      jest.spyOn(pino, level).mockImplementation((...args: unknown[]) => void complaints.push(args));
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

/** Something that is under way until a test lets it go on. */
export class Gate {
  /** Resolves as soon as somebody stands before it. */
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

/** Who has come into a client's room, and has not gone again, in the news that it has not read yet. */
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
