import type { DomainError } from '../../src/common/domain-error.js';
import type { EndReason } from '../../src/common/end-reason.js';
import type { RoomChange } from '../../src/common/room.js';
import { SignalingService } from '../../src/signaling/signaling.service.js';
import type {
  ReceivedSignal,
  VirtualClient,
  VirtualClientOptions,
} from '../../src/signaling/virtual/virtual-client.js';
import { until } from './peerjs-socket.js';
import type { TestServer } from './server.js';
import { atTeardown } from './teardown.js';

export interface BotOptions extends Partial<VirtualClientOptions> {
  /** Index of its node. */
  readonly node?: number;
}

/** A virtual client that records what it is told, closed after the test. */
export class Bot {
  readonly signals: ReceivedSignal[] = [];
  readonly changes: RoomChange[] = [];
  readonly errors: DomainError[] = [];
  readonly ends: EndReason[] = [];
  private taken = 0;

  private constructor(private readonly own: { client?: VirtualClient } = {}) {}

  /** Adds a client, `bot` in the realm `default` of the first node unless the options say otherwise. */
  static async add(server: TestServer, { node = 0, ...options }: BotOptions = {}): Promise<Bot> {
    const bot = new Bot();
    const services = server.everywhere(SignalingService);
    bot.own.client = await services[node % services.length].addVirtualClient({
      realm: 'default',
      id: 'bot',
      onSignal: (signal) => void bot.signals.push(signal),
      onRoomChange: (change) => void bot.changes.push(change),
      onError: (error) => void bot.errors.push(error),
      onEnd: (reason) => void bot.ends.push(reason),
      ...options,
    });
    atTeardown(() => bot.client.close());
    return bot;
  }

  get client(): VirtualClient {
    return this.own.client!;
  }

  get id(): string {
    return this.client.id;
  }

  /** Returns the oldest signal that was not returned before, or waits for one. */
  async next(): Promise<ReceivedSignal> {
    await until(() => this.signals.length > this.taken);
    return this.signals[this.taken++];
  }

  /** Returns the changes so far as texts: room, kind, client and members. */
  news(): string[] {
    return this.changes.map(({ kind, client, room }) => {
      return `${room.id} ${kind} ${client ?? ''} [${room.members.map(({ id }) => id).join()}]`;
    });
  }
}
