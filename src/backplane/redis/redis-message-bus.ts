import { Injectable } from '@nestjs/common';
import { MessageBus, type BusMessage } from '../../common/message-bus.js';
import { decodeMessage, encodeMessage, joinMessages, splitMessages } from './codec.js';
import { Inboxes } from './inboxes.js';
import { Keys } from './keys.js';
import { Outbox } from './outbox.js';
import type { IsOurs } from './reaping.js';
import { RedisConnection } from './redis-connection.js';

/** Field of an entry that holds messages. */
const MESSAGES = 'm';

/** Messages of a dead node that are given back at once. */
const GIVEN_BACK_AT_ONCE = 500;

/** MessageBus on Redis: each node has a stream, to which the others append. */
@Injectable()
export class RedisMessageBus extends MessageBus {
  private readonly outboxes = new Map<string, Outbox>();

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: Keys,
    inboxes: Inboxes,
  ) {
    super();
    inboxes.onMessages((fields) => {
      for (const message of this.messagesOf(fields)) this.receive(message);
    });
  }

  override nodes(): Promise<string[]> {
    return this.redis.ask((client) => client.zrangebyscore(this.keys.nodes.heartbeats, '-inf', '+inf'));
  }

  override send(node: string, message: BusMessage): Promise<boolean> {
    return this.outboxOf(node).send(encodeMessage(message));
  }

  override isBehind(node: string): boolean {
    return !this.redis.isReady || (this.outboxes.get(node)?.isFull ?? false);
  }

  private outboxOf(node: string): Outbox {
    let outbox = this.outboxes.get(node);
    if (!outbox) {
      const inbox = this.keys.inbox(node).messages;
      outbox = new Outbox((batch) => this.write(node, inbox, batch));
      this.outboxes.set(node, outbox);
    }
    return outbox;
  }

  private async write(node: string, inbox: string, batch: readonly Buffer[]): Promise<boolean> {
    const messages = joinMessages(batch);
    // Without its node nobody would ever read, or remove, a stream.
    const id = await this.redis.ask((client) => {
      return client.xadd(inbox, 'NOMKSTREAM', '*', MESSAGES, messages);
    });
    if (id === null) this.outboxes.delete(node);
    return id !== null;
  }

  /** Gives back what a dead node has not read. */
  async reap(node: string, isOurs: IsOurs): Promise<void> {
    if (!(await isOurs())) return;
    const { messages: inbox, undelivered } = this.keys.inbox(node);
    // From now on nothing comes any more. If it was renamed before, somebody has not finished this.
    if (await this.redis.ask((client) => client.exists(inbox))) {
      await this.redis.ask((client) => client.rename(inbox, undelivered));
    }
    for (let from = '-'; ;) {
      const entries = await this.redis.ask((client) =>
        client.xrangeBuffer(undelivered, from, '+', 'COUNT', GIVEN_BACK_AT_ONCE),
      );
      for (const message of entries.flatMap(([, fields]) => this.messagesOf(fields))) {
        if (message.type === 'signal') this.giveBack(message);
      }
      if (entries.length < GIVEN_BACK_AT_ONCE) break;
      from = `(${entries[entries.length - 1]![0].toString()}`;
    }
    await this.redis.ask((client) => client.del(undelivered));
  }

  /** The messages of an entry, without those that cannot be read. */
  private messagesOf([name, value]: readonly Buffer[]): BusMessage[] {
    if (name?.toString() !== MESSAGES || !value) return [];
    return splitMessages(value).flatMap((bytes) => this.attempt(() => decodeMessage(bytes)) ?? []);
  }
}
