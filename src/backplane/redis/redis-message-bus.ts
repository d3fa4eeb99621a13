import { Injectable } from '@nestjs/common';
import { type BusMessage, MessageBus } from '../../common/message-bus.js';
import { decodeMessage, encodeMessage, joinMessages, splitMessages } from '../../common/message-codec.js';
import { Inboxes } from './inboxes.js';
import { Keys } from './keys.js';
import { Outbox } from './outbox.js';
import { RedisConnection } from './redis-connection.js';
import type { RenewLease } from './removal-lease.js';

/** Field of a stream entry that holds a batch of messages. */
const MESSAGES = 'm';

/** Most stream entries of a dead node that are read at once. */
const RETURNED_AT_ONCE = 500;

/** MessageBus on Redis: each node reads a stream of its own, to which the others append. */
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

  /** Returns the signals that a dead node has not read to the handler of undelivered ones. */
  async returnUndelivered(node: string, renewLease: RenewLease): Promise<void> {
    if (!(await renewLease())) return;
    const { messages: inbox, undelivered } = this.keys.inbox(node);
    // After the rename nothing is appended any more. Without an inbox an earlier removal did not get beyond the rename.
    if (await this.redis.ask((client) => client.exists(inbox))) {
      await this.redis.ask((client) => client.rename(inbox, undelivered));
    }
    for (let from = '-'; ;) {
      const entries = await this.redis.ask((client) =>
        client.xrangeBuffer(undelivered, from, '+', 'COUNT', RETURNED_AT_ONCE),
      );
      for (const message of entries.flatMap(([, fields]) => this.messagesOf(fields))) {
        if (message.type === 'signal') this.returnSignal(message);
      }
      if (entries.length < RETURNED_AT_ONCE) break;
      from = `(${entries[entries.length - 1]![0].toString()}`;
    }
    await this.redis.ask((client) => client.del(undelivered));
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

  /** Resolves with whether the node exists, and so gets the batch. */
  private async write(node: string, inbox: string, batch: readonly Buffer[]): Promise<boolean> {
    const messages = joinMessages(batch);
    // NOMKSTREAM: a stream without its node would never be read or removed.
    const id = await this.redis.ask((client) => client.xadd(inbox, 'NOMKSTREAM', '*', MESSAGES, messages));
    if (id === null) this.outboxes.delete(node);
    return id !== null;
  }

  /** Returns the messages of a stream entry, except those that cannot be decoded. */
  private messagesOf([name, value]: readonly Buffer[]): BusMessage[] {
    if (name?.toString() !== MESSAGES || !value) return [];
    return splitMessages(value).flatMap((bytes) => this.attempt(() => decodeMessage(bytes)) ?? []);
  }
}
