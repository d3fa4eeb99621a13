import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import { MessageBus, type BusMessage } from '../../common/message-bus.js';
import { decodeMessage, encodeMessage } from './codec.js';
import { Inboxes } from './inboxes.js';
import { Keys } from './keys.js';
import { RedisConnection } from './redis-connection.js';

/** Messages of a dead node that are given back at once. */
const GIVEN_BACK_AT_ONCE = 500;

/** MessageBus on Redis: each node has a stream, to which the others append. */
@Injectable()
export class RedisMessageBus extends MessageBus {
  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: Keys,
    inboxes: Inboxes,
  ) {
    super();
    inboxes.onMessages((bytes) => this.receive(decodeMessage(bytes)));
  }

  override nodes(): Promise<string[]> {
    return this.redis.ask((client) => client.zrangebyscore(`${this.keys.nodes}beats`, '-inf', '+inf'));
  }

  override async send(node: string, message: BusMessage): Promise<void> {
    const bytes = encodeMessage(message);
    // Without its node nobody would ever read, or remove, a stream.
    const id = await this.redis.ask((client) => client.xadd(this.keys.inbox(node), 'NOMKSTREAM', '*', 'm', bytes));
    if (id === null) throw new DomainError('UNAVAILABLE', {});
  }

  /** Gives back what a dead node has not read. */
  async reap(node: string): Promise<void> {
    const inbox = this.keys.inbox(node);
    const rest = `${inbox}:rest`;
    // From now on nothing comes any more. If it was renamed before, somebody has not finished this.
    if (await this.redis.ask((client) => client.exists(inbox))) {
      await this.redis.ask((client) => client.rename(inbox, rest));
    }
    for (let from = '-'; ;) {
      const entries = await this.redis.ask((client) =>
        client.xrangeBuffer(rest, from, '+', 'COUNT', GIVEN_BACK_AT_ONCE),
      );
      for (const [, [field, bytes]] of entries) {
        const message = field.toString() === 'm' ? decodeMessage(bytes) : undefined;
        if (message?.type === 'signal') this.giveBack(message);
      }
      if (entries.length < GIVEN_BACK_AT_ONCE) break;
      from = `(${entries[entries.length - 1][0].toString()}`;
    }
    await this.redis.ask((client) => client.del(rest));
  }
}
