import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectorClient } from './connector-client.js';

/** Events of one room: created, joined, left and ended. */
const EVENTS_PER_ROOM = 4;
const CLIENTS = 10;

/** Clients that create and leave rooms, each one room after the other, until they are stopped or lose their node. */
export class RoomLoad {
  /** The rooms that clients have left, as the server has confirmed. */
  readonly rooms: string[] = [];
  private isStopped = false;
  private readonly work: Promise<unknown>;

  private constructor(
    private readonly connected: readonly ConnectorClient[],
    private readonly intervalMs: number,
  ) {
    this.work = Promise.all(connected.map((client) => this.run(client)));
  }

  static async start(url: string, eventsPerSecond: number): Promise<RoomLoad> {
    const clients = await ConnectorClient.connectMany(CLIENTS, url);
    return new RoomLoad(clients, (1000 * CLIENTS * EVENTS_PER_ROOM) / eventsPerSecond);
  }

  /** Ids of the clients. */
  get clients(): readonly string[] {
    return this.connected.map(({ id }) => id);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.work;
  }

  private async run(client: ConnectorClient): Promise<void> {
    const startedAt = performance.now();
    for (let count = 1; !this.isStopped; count++) {
      const room = `${client.id}-${count}`;
      try {
        await client.ask({ event: 'Create_Room', data: { room } });
        await client.ask({ event: 'Leave_Room', data: { room } });
      } catch (error) {
        // The node was killed.
        if (client.socket.readyState === client.socket.OPEN) throw error;
        return;
      }
      this.rooms.push(room);
      await sleep(Math.max(0, startedAt + count * this.intervalMs - performance.now()));
    }
  }
}
